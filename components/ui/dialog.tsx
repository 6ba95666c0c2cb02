"use client";

import { useRef, type ReactNode } from "react";
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { cn } from "./cn";
import { focusMain } from "./focus-main";

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  children?: ReactNode;
  footer?: ReactNode;
  /** A panel at the right edge for long content; a box in the middle for questions. */
  kind?: "panel" | "box";
  /** Gets the focus on closing when nothing of the page had it before (the page was opened with the dialog). */
  returnTo?: () => HTMLElement | null;
}

export function Dialog({ open, onOpenChange, title, description, children, footer, kind = "box", returnTo }: DialogProps) {
  const opener = useRef<Element | null>(null);
  const giveBack = (event: Event) => {
    const before = opener.current instanceof HTMLElement && opener.current.isConnected && opener.current !== document.body ? opener.current : returnTo?.();
    event.preventDefault();
    before?.focus();
    focusMain(); // the opener may have gone, or cannot be pressed any more
  };
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/45" />
        <Radix.Content
          onOpenAutoFocus={() => { opener.current = document.activeElement; }}
          onCloseAutoFocus={giveBack}
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cn(
            "fixed z-50 flex flex-col border-line bg-surface shadow-2xl outline-none",
            kind === "panel"
              ? "inset-y-0 right-0 w-full max-w-2xl border-l"
              : "top-1/2 left-1/2 max-h-[85dvh] w-[calc(100vw-2rem)] max-w-lg -translate-x-1/2 -translate-y-1/2 rounded-xl border",
          )}
        >
          <div className="flex items-start gap-4 border-b border-line px-5 py-4">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-base font-semibold break-words">{title}</Radix.Title>
              {description ? <Radix.Description className="mt-1 text-muted">{description}</Radix.Description> : null}
            </div>
            <Radix.Close className="-mr-1.5 rounded-md p-1.5 text-muted hover:bg-subtle hover:text-ink" aria-label="Close"><X className="size-4" /></Radix.Close>
          </div>
          {children ? <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div> : null}
          {footer ? <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{footer}</div> : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

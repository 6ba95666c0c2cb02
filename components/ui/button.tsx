import type { ComponentProps, MouseEvent } from "react";
import { Slot } from "radix-ui";
import { cn } from "./cn";

const VARIANTS = {
  primary: "bg-accent text-accent-ink hover:bg-accent-hover",
  secondary: "border border-line bg-surface text-ink shadow-xs hover:bg-subtle",
  ghost: "text-muted hover:bg-subtle hover:text-ink",
  danger: "bg-danger text-danger-ink hover:bg-danger-hover",
} as const;

const SIZES = {
  small: "min-h-8 gap-1.5 px-2.5 text-[0.8125rem]",
  medium: "min-h-9 gap-2 px-3.5 text-sm",
  large: "min-h-11 gap-2 px-5 text-[0.9375rem]",
  icon: "size-9 justify-center",
} as const;

interface ButtonProps extends ComponentProps<"button"> {
  variant?: keyof typeof VARIANTS;
  size?: keyof typeof SIZES;
  /** Renders the child (a link) with the look of a button. */
  asChild?: boolean;
}

const wait = (event: MouseEvent) => event.preventDefault();

/** While it is at work (`aria-busy`) it does nothing and keeps the focus, which a disabled button would lose. */
export function Button({ variant = "secondary", size = "medium", asChild, className, type, disabled, onClick, ...props }: ButtonProps) {
  const Element = asChild ? Slot.Root : "button";
  const isBusy = Boolean(props["aria-busy"]);
  return (
    <Element
      type={asChild ? undefined : (type ?? "button")}
      className={cn(
        "inline-flex max-w-full shrink-0 items-center justify-center rounded-md font-medium transition-colors sm:whitespace-nowrap disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-progress aria-disabled:opacity-55 [&_svg]:size-4 [&_svg]:shrink-0",
        VARIANTS[variant],
        SIZES[size],
        className,
      )}
      disabled={disabled && !isBusy}
      aria-disabled={isBusy || undefined}
      onClick={isBusy ? wait : onClick}
      {...props}
    />
  );
}

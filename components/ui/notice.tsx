import type { ReactNode } from "react";
import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import { cn } from "./cn";

const LOOK = {
  info: { box: "border-info/30 bg-info-tint", text: "text-info", Icon: Info },
  ok: { box: "border-ok/30 bg-ok-tint", text: "text-ok", Icon: CircleCheck },
  warn: { box: "border-warn/30 bg-warn-tint", text: "text-warn", Icon: TriangleAlert },
  danger: { box: "border-danger/30 bg-danger-tint", text: "text-danger", Icon: CircleAlert },
} as const;

interface NoticeProps {
  tone?: keyof typeof LOOK;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  /** Read out as soon as it appears (the answer to something the person did). */
  live?: boolean;
  className?: string;
}

/** A message that stays in place: what happened, what is not lost, what to do. */
export function Notice({ tone = "info", title, children, actions, live, className }: NoticeProps) {
  const { box, text, Icon } = LOOK[tone];
  return (
    <div role={live ? (tone === "danger" ? "alert" : "status") : undefined} className={cn("flex gap-3 rounded-lg border px-4 py-3", box, className)}>
      <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", text)} />
      <div className="min-w-0 flex-1">
        {title ? <p className={cn("font-medium", text)}>{title}</p> : null}
        {children ? <div className="break-words text-ink">{children}</div> : null}
        {actions ? <div className="mt-3 flex flex-wrap gap-2">{actions}</div> : null}
      </div>
    </div>
  );
}

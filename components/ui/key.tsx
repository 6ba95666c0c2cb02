/** A key of the keyboard, as a hint; the control says it to assistive technology itself (aria-keyshortcuts). */
export function Key({ children }: { children: string }) {
  return <kbd aria-hidden className="hidden rounded border border-line bg-subtle px-1.5 font-mono text-[0.6875rem] leading-5 text-muted sm:inline">{children}</kbd>;
}

/** Puts the focus on the page's content, when what had it is gone: the Tab key goes on from there, and a screen reader is told. */
export function focusMain(): void {
  if (document.activeElement === null || document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
}

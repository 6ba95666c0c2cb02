import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const WIDE = 1280;
const PHONE = 380;
/** 1280 x 1024 px at a zoom of 400 % (WCAG 1.4.10). */
const ZOOMED = { width: 320, height: 256 };
/** More stops of the Tab key than this are not followed: rows repeat. */
const MOST_STOPS = 150;

/**
 * What is wrong with the page that is open, in words: by axe in both themes and widths, and by what axe cannot see. With
 * PLANBACK_SHOTS the page is also photographed.
 */
export async function flaws(page: Page, name: string): Promise<string[]> {
  const found: string[] = [];
  const note = (what: string, list: string[]) => found.push(...list.map((each) => `${name}, ${what}: ${each}`));
  for (const [colorScheme, width] of [["light", WIDE], ["dark", WIDE], ["dark", PHONE], ["light", PHONE]] as const) {
    const look = `${colorScheme} ${width} px`;
    await resize(page, { width, height: 800 });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.waitForFunction((dark) => document.documentElement.classList.contains("dark") === dark, colorScheme === "dark");
    note(look, await axe(page));
    await shot(page, `${name}-${colorScheme}-${width}`);
    if (colorScheme === "dark") continue;
    note(look, await page.evaluate(smallControls));
    note(look, await page.evaluate(sideways));
    note(look, await tabThrough(page));
  }
  await resize(page, ZOOMED);
  note("zoom 400 %", await page.evaluate(sideways));
  note("reduced motion", await page.evaluate(motion));
  await shot(page, `${name}-zoom`);
  // Last, for it does not leave the page as it was.
  await page.setViewportSize({ width: WIDE, height: 800 });
  await page.evaluate(inAnotherLanguage);
  for (const width of [WIDE, PHONE]) {
    await resize(page, { width, height: 800 });
    note(`long words from right to left, ${width} px`, [...(await page.evaluate(sideways)), ...(await page.evaluate(clipped))]);
    await shot(page, `${name}-pseudo-${width}`);
  }
  await page.setViewportSize({ width: WIDE, height: 800 });
  return found;
}

/** Charts are drawn anew a moment after their place has another width. */
async function resize(page: Page, size: { width: number; height: number }): Promise<void> {
  await page.setViewportSize(size);
  await page.waitForFunction(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth, undefined, { timeout: 1_000 }).catch(() => undefined);
}

async function axe(page: Page): Promise<string[]> {
  await page.evaluate(() => window.scrollTo(0, 0)); // what lies half under the bar on top would count as too small
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).setLegacyMode().analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

async function shot(page: Page, name: string): Promise<void> {
  if (!process.env.PLANBACK_SHOTS) return;
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.screenshot({ path: `.data/shots/${name.replace(/[^\w]+/g, "-")}.png`, fullPage: true, animations: "disabled" });
}

/** Tabs from the top to the end: whatever has the focus is in view and not covered (WCAG 2.4.11). */
async function tabThrough(page: Page): Promise<string[]> {
  const found: string[] = [];
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    window.scrollTo(0, 0);
  });
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    await page.keyboard.press("Tab");
    const flaw = await page.evaluate(obscured);
    if (flaw === "end") break;
    if (flaw) found.push(flaw);
  }
  return found;
}

/* What follows runs in the page. */

/** "end" when the Tab key has come around; null when all is well. */
function obscured(): string | null {
  const marks = window as unknown as { tabbed?: WeakSet<Element> };
  const element = document.activeElement;
  if (!element || element === document.body) {
    delete marks.tabbed;
    return "end";
  }
  const seen = (marks.tabbed ??= new WeakSet());
  if (seen.has(element)) {
    delete marks.tabbed;
    return "end";
  }
  seen.add(element);
  // A control that is drawn by its label is seen there.
  const drawn = element.getBoundingClientRect().width > 1 ? element : ((element as HTMLInputElement).labels?.[0] ?? element.parentElement!);
  const box = drawn.getBoundingClientRect();
  const [left, top] = [Math.max(box.left, 0), Math.max(box.top, 0)];
  const [right, bottom] = [Math.min(box.right, innerWidth), Math.min(box.bottom, innerHeight)];
  const what = `${element.tagName.toLowerCase()} “${(element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 60)}”`;
  if (right - left < Math.min(box.width, 8) || bottom - top < Math.min(box.height, 8)) return `${what} has the focus out of view (${Math.round(box.left)}, ${Math.round(box.top)})`;
  const points = [[0.5, 0.5], [0.1, 0.2], [0.9, 0.2], [0.1, 0.8], [0.9, 0.8]].map(([x, y]) => [left + (right - left) * x!, top + (bottom - top) * y!] as const);
  const isClear = points.some(([x, y]) => {
    const hit = document.elementFromPoint(x, y);
    return hit !== null && (drawn.contains(hit) || hit.contains(drawn) && hit !== document.documentElement && hit !== document.body);
  });
  return isClear ? null : `${what} has the focus and is covered`;
}

/** Controls with less than 24 x 24 px to hit (WCAG 2.5.8), but for links in a line of text. A label is part of its control, and so is what it draws around itself. */
function smallControls(): string[] {
  const NEEDED = 24;
  const controls = [...document.querySelectorAll<HTMLElement>("a[href], button, input, select, textarea, summary, [role=button], [role=checkbox], [role=radio], [role=treeitem], [role=menuitem], [tabindex='0']")];
  const isLarge = ({ width, height }: DOMRect) => width >= NEEDED - 0.1 && height >= NEEDED - 0.1;
  const lineOf = (element: HTMLElement): HTMLElement => (getComputedStyle(element).display === "inline" ? lineOf(element.parentElement!) : element);
  const isHit = (control: HTMLElement, label?: HTMLElement) => {
    control.scrollIntoView({ block: "center", inline: "center" });
    const box = control.getBoundingClientRect();
    const reach = NEEDED / 2 - 1;
    return [[-reach, 0], [reach, 0], [0, -reach], [0, reach]].every(([x, y]) => {
      const hit = document.elementFromPoint(box.left + box.width / 2 + x!, box.top + box.height / 2 + y!);
      return control.contains(hit) || Boolean(label?.contains(hit));
    });
  };
  return controls.flatMap((control) => {
    if (control.closest("[aria-hidden=true], [inert], [type=hidden]") || !control.checkVisibility({ visibilityProperty: true })) return [];
    if (control.tagName === "A" && lineOf(control).textContent !== control.textContent) return [];
    const box = control.getBoundingClientRect();
    const label = (control as HTMLInputElement).labels?.[0];
    const isHidden = box.width <= 1 || box.bottom <= 0; // until it gets the focus, or drawn by its label
    if (isLarge(box) || (label ? isLarge(label.getBoundingClientRect()) : isHidden) || isHit(control, label)) return [];
    return [`${control.tagName.toLowerCase()} “${(control.getAttribute("aria-label") ?? control.textContent ?? "").trim().slice(0, 60)}” is ${Math.round(box.width)} x ${Math.round(box.height)} px`];
  });
}

/** What makes the page scroll sideways, or is a sideways scroller that the keyboard cannot reach or that has no name. */
function sideways(): string[] {
  const found: string[] = [];
  const name = (element: Element) => `${element.tagName.toLowerCase()}.${(element.getAttribute("class") ?? "").split(" ").slice(0, 4).join(".")} “${(element.textContent ?? "").trim().slice(0, 40)}”`;
  const beyond = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (beyond > 0) {
    const widest = [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5).slice(0, 3);
    found.push(`the page is ${beyond} px too wide: ${widest.map(name).join("; ")}`);
  }
  for (const element of document.body.querySelectorAll<HTMLElement>("*")) {
    if (element.scrollWidth <= element.clientWidth + 1 || !/auto|scroll/.test(getComputedStyle(element).overflowX) || element.matches("input, textarea, select")) continue;
    const isNamed = element.hasAttribute("aria-label") || element.hasAttribute("aria-labelledby");
    if (!isNamed || element.tabIndex < 0) found.push(`a sideways scroller without a name or out of reach of the keyboard: ${name(element)}`);
  }
  return found;
}

/** As if it were translated: each text is longer by two fifths, and runs from right to left. */
function inAnotherLanguage(): void {
  document.documentElement.dir = "rtl";
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const text = node.textContent!;
    if (!/\p{L}{2}/u.test(text) || node.parentElement!.closest("script, style, svg, textarea, select")) continue;
    node.textContent = text.trimEnd() + " ẋẋẋẋẋẋẋ".repeat(Math.ceil((text.trim().length * 0.4) / 8)).slice(0, Math.max(3, Math.ceil(text.trim().length * 0.4))) + text.slice(text.trimEnd().length);
  }
}

/** Texts that are cut off by what they stand in, but for those that end in an ellipsis and are told whole elsewhere. */
function clipped(): string[] {
  const found: string[] = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const parent = node.parentElement!;
    if (!node.textContent!.trim() || parent.closest("script, style, svg, select, [aria-hidden=true]") || !parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    for (let element: HTMLElement | null = parent; element && element !== document.body; element = element.parentElement) {
      const { overflowX, overflowY, textOverflow, webkitLineClamp, clipPath } = getComputedStyle(element);
      if (textOverflow === "ellipsis" || webkitLineClamp !== "none" || clipPath !== "none" || /auto|scroll/.test(overflowX + overflowY)) break;
      if (!/hidden|clip/.test(overflowX + overflowY)) continue;
      const room = element.getBoundingClientRect();
      if (room.width <= 1 || room.height <= 1) break; // for screen readers only
      if (box.left < room.left - 1 || box.right > room.right + 1 || box.top < room.top - 1 || box.bottom > room.bottom + 1) {
        found.push(`“${node.textContent!.trim().slice(0, 40)}” is cut off by ${element.tagName.toLowerCase()}.${(element.getAttribute("class") ?? "").split(" ").slice(0, 4).join(".")}`);
        break;
      }
    }
  }
  return found.slice(0, 5);
}

/** Movement of those who asked for none: running animations, and transitions that would run. */
function motion(): string[] {
  const moving = document.getAnimations().filter((animation) => animation.playState === "running"
    && (animation.effect as KeyframeEffect).getKeyframes().some((frame) => "transform" in frame || "translate" in frame || "scale" in frame || "rotate" in frame));
  const willMove = [...document.querySelectorAll("*")].filter((element) => {
    const { transitionProperty, transitionDuration, animationName, animationDuration } = getComputedStyle(element);
    const lasts = (durations: string) => durations.split(",").some((duration) => parseFloat(duration) > 0.01);
    return (/all|transform|translate|scale|rotate/.test(transitionProperty) && lasts(transitionDuration)) || (animationName !== "none" && lasts(animationDuration));
  });
  return [...moving.map((animation) => `an animation runs: ${((animation.effect as KeyframeEffect).target as Element | null)?.className}`), ...willMove.slice(0, 3).map((element) => `would move: ${element.tagName} ${element.className}`)];
}

/** The 25 labels of a plan: category1 ... category25. Colours are Fluent palette tokens with at least 4.5:1 contrast. */

export interface LabelColour {
  /** category1 ... category25 */
  category: string;
  /** Planner's name of the colour: shown for a label without a name of its own. */
  name: string;
  light: { background: string; text: string };
  dark: { background: string; text: string };
}

function label(number: number, name: string, lightBackground: string, lightText: string, darkBackground: string, darkText: string): LabelColour {
  return {
    category: `category${number}`,
    name,
    light: { background: lightBackground, text: lightText },
    dark: { background: darkBackground, text: darkText },
  };
}

export const LABEL_COLOURS: readonly LabelColour[] = [
  label(1, "Pink", "#f7c0e3", "#80215d", "#441232", "#ef85c8"),
  label(2, "Red", "#f1bbbc", "#751d1f", "#3f1011", "#e37d80"),
  label(3, "Yellow", "#fef7b2", "#4c4400", "#4c4400", "#feee66"),
  label(4, "Green", "#9fd89f", "#0c5e0c", "#052505", "#54b054"),
  label(5, "Blue", "#a9d3f2", "#004377", "#002440", "#5caae5"),
  label(6, "Purple", "#c6b1de", "#46236e", "#1c0e2b", "#9470bd"),
  label(7, "Bronze", "#e5bba4", "#7f3107", "#321303", "#ca8057"),
  label(8, "Lime", "#cfe5af", "#405f14", "#23330b", "#a4cc6c"),
  label(9, "Aqua", "#a4deeb", "#005669", "#002e38", "#56bfd7"),
  label(10, "Gray", "#bcc3c7", "#2b3135", "#111315", "#808a90"),
  label(11, "Silver", "#cdd6d8", "#505c60", "#1f2426", "#a0adb2"),
  label(12, "Brown", "#ddc3b0", "#6c4123", "#2b1a0e", "#bb8f6f"),
  label(13, "Cranberry", "#eeacb2", "#960b18", "#3b0509", "#dc626d"),
  label(14, "Orange", "#fdcfb4", "#8a3707", "#4a1e04", "#faa06b"),
  label(15, "Peach", "#ffddb3", "#8f4e00", "#4d2a00", "#ffba66"),
  label(16, "Marigold", "#f9e2ae", "#835b00", "#463100", "#f2c661"),
  label(17, "Light green", "#a7e3a5", "#0b5a08", "#063004", "#5ec75a"),
  label(18, "Dark green", "#9ad29a", "#085108", "#032003", "#4da64d"),
  label(19, "Teal", "#9bd9db", "#02494c", "#012728", "#4cb4b7"),
  label(20, "Light blue", "#bfddf5", "#20547c", "#112d42", "#83bdeb"),
  label(21, "Dark blue", "#92b5d1", "#002b4e", "#00111f", "#92b5d1"),
  label(22, "Lavender", "#d2ccf8", "#5649b0", "#221d46", "#a79cf1"),
  label(23, "Plum", "#d696c0", "#5a003b", "#240017", "#d696c0"),
  label(24, "Light gray", "#d8dfe0", "#4a5356", "#282d2e", "#b3bfc2"),
  label(25, "Dark gray", "#c4c4c4", "#2b2b2b", "#111111", "#888888"),
];

const byCategory = new Map(LABEL_COLOURS.map((colour) => [colour.category, colour]));

/** The colour of a category; undefined for a key that Planner does not have (yet). */
export function labelColour(category: string): LabelColour | undefined {
  return byCategory.get(category);
}

/** What a person sees on the label: its name in this plan, else the colour's name, else the key. */
export function labelName(category: string, descriptions: Record<string, string | null> | null | undefined): string {
  const own = descriptions?.[category];
  return own ? own : (byCategory.get(category)?.name ?? category);
}

/** Applied categories in the order of their numbers. */
export function appliedLabels(applied: Record<string, unknown> | null | undefined): string[] {
  const number = (category: string) => Number(category.replace(/\D/g, "")) || 0;
  return Object.entries(applied ?? {})
    .filter(([category, on]) => on === true && !category.includes("@"))
    .map(([category]) => category)
    .sort((a, b) => number(a) - number(b) || (a < b ? -1 : 1));
}

/** "Diego Siciliani" -> "DS"; a single word or an address gives one letter. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words[words.length - 1] : undefined].map((word) => (word ? [...word][0] : undefined));
  return letters.filter(Boolean).join("").toUpperCase() || "?";
}

/**
 * Many chosen tasks in a short word for an address: how many tasks the snapshot has, and a bit for each in the order of their
 * ids. A snapshot never changes, so the word keeps its meaning; where a damaged one shows other tasks, it means nothing. Pure.
 */

export function encodePicked(all: Iterable<string>, picked: ReadonlySet<string>): string {
  const ids = [...all].sort();
  const bytes = new Uint8Array(Math.ceil(ids.length / 8));
  ids.forEach((id, at) => { if (picked.has(id)) bytes[at >> 3]! |= 1 << (at & 7); });
  return `${ids.length}.${btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (sign) => ({ "+": "-", "/": "_" })[sign] ?? "")}`;
}

/** null: not a word that was made for these tasks. */
export function decodePicked(all: Iterable<string>, word: string): Set<string> | null {
  const ids = [...all].sort();
  const [count, bits] = word.split(".");
  if (Number(count) !== ids.length || bits === undefined || !/^[\w-]*$/.test(bits) || bits.length % 4 === 1) return null;
  const bytes = atob(bits.replace(/[-_]/g, (sign) => (sign === "-" ? "+" : "/")));
  return new Set(ids.filter((_, at) => (bytes.charCodeAt(at >> 3) >> (at & 7)) & 1));
}

/** A longer list of ids is put as a word. */
const LONG = 1_000;

/** For the address of the restore form: "tasks=ID,ID", or "picked=WORD" when that would be long; "" for none. */
export function addressOfTasks(all: Iterable<string>, picked: ReadonlySet<string>): string {
  if (picked.size === 0) return "";
  const listed = [...picked].map(encodeURIComponent).join(",");
  return listed.length <= LONG ? `tasks=${listed}` : `picked=${encodePicked(all, picked)}`;
}

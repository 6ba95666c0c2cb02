/** Text of strangers in files that other programs open: what a cell, a name in an archive and a file name may hold. */

/** Excel keeps no more in a cell. https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3 */
export const CELL_LIMIT = 32_767;
const CUT = "\n[Cut here: Excel holds 32,767 characters in a cell. The whole text is in the CSV and JSON exports.]";

/** Without what no XML and no spreadsheet takes: control characters but TAB, LF and CR, lone surrogates, non-characters. */
export function plain(text: string): string {
  return text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "");
}

/** Text for one Excel cell: lines end with LF; cut with a note, never within a character. */
export function cellText(text: string): string {
  const clean = plain(text).replace(/\r\n?/g, "\n");
  if (clean.length <= CELL_LIMIT) return clean;
  return clean.slice(0, CELL_LIMIT - CUT.length).replace(/[\ud800-\udbff]$/, "") + CUT;
}

/** What a program may take for a formula, also behind blanks and in full width. https://owasp.org/www-community/attacks/CSV_Injection */
export function looksLikeFormula(text: string): boolean {
  return /^[\t\r]|^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(text);
}

/**
 * Where the list separator is `;` or TAB, a spreadsheet parts the cell there and heeds no quotes in its middle: what follows, also on
 * a new line, begins a cell. A minus there begins a list in most texts; only what calls or refers to something is a danger.
 */
const INNER_FORMULA = /[;\t\r\n][^\S\r\n]*(?=[=@\uff1d\uff20]|[+\-\uff0b\uff0d][^;\t\r\n]*[(|!])/g;

/** Text for one cell of CSV: an apostrophe stands before whatever a spreadsheet would compute. */
export function csvText(text: string): string {
  const clean = plain(text);
  return (looksLikeFormula(clean) ? `'${clean}` : clean).replace(INNER_FORMULA, "$&'");
}

/** Lower-case ASCII words joined by `-`: "Übersicht (2).docx" -> "ubersicht-2". `file` when nothing is left. */
export function slug(text: string, fallback = "file"): string {
  const words = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join("-").slice(0, 60).replace(/-+$/, "") || fallback;
}

/** A path of our own making for a file of the archive; the original name stands in its index. */
export function archivePath(folder: string, number: number, name: string): string {
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 ? (/^[a-z0-9]{1,10}$/.exec(name.slice(dot + 1).toLowerCase())?.[0] ?? null) : null;
  return `${slug(folder, "plan")}/${number}-${slug(extension ? name.slice(0, dot) : name)}${extension ? `.${extension}` : ""}`;
}

/** HTML that may be written as it is. Everything else is escaped by the `markup` tag. */
export class Markup {
  constructor(readonly text: string) {}
}

type Piece = Markup | string | number | null | false | readonly Piece[];

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);

function write(piece: Piece): string {
  if (piece === null || piece === false) return "";
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === "object") return piece.map(write).join("");
  return escapeHtml(String(piece));
}

/** Template tag: literal parts are HTML, values are escaped unless they are Markup (or lists of it). */
export const markup = (parts: TemplateStringsArray, ...values: Piece[]): Markup =>
  new Markup(parts.reduce((text, part, index) => text + write(values[index - 1] ?? null) + part));

const STYLE = new Markup(`
*{box-sizing:border-box}body{margin:0;font:14px/1.45 "Segoe UI",system-ui,sans-serif;background:#f5f5f5;color:#242424}
a{color:#0f6c4e;text-decoration:none}a:hover,a:focus-visible{text-decoration:underline}
header{background:#31752f;color:#fff;padding:10px 24px;display:flex;gap:16px;align-items:baseline}header a{color:#fff;font-weight:600}header span{opacity:.85;font-size:12px}
main{padding:20px 24px}h1{font-size:22px;margin:0 0 4px}h2{font-size:16px;margin:20px 0 6px}h3{font-size:14px;margin:12px 0 4px}p{margin:4px 0}
.muted{color:#616161;font-size:12px}.bar{display:flex;flex-wrap:wrap;gap:12px;align-items:end;margin:12px 0 20px}
.bar form,.row{display:flex;gap:6px;align-items:end}label{display:grid;gap:2px;font-size:12px;color:#616161}
input,select{font:inherit;font-size:14px;padding:5px 8px;border:1px solid #8a8a8a;border-radius:4px;background:#fff;min-width:180px}
button{font:inherit;padding:6px 12px;border:1px solid #8a8a8a;border-radius:4px;background:#fff;cursor:pointer}button.danger{color:#b10e1c;border-color:#b10e1c}button:focus-visible,input:focus-visible,select:focus-visible{outline:2px solid #31752f;outline-offset:1px}
.board{display:flex;gap:16px;align-items:flex-start;overflow-x:auto;padding-bottom:16px}.bucket{flex:0 0 272px}.bucket h2{margin:0 0 8px}
.card{background:#fff;border:1px solid #e0e0e0;border-radius:6px;padding:10px 12px;margin-bottom:8px;box-shadow:0 1px 2px #0001;overflow-wrap:anywhere}
.card.done>a{color:#616161;text-decoration:line-through}.chips{display:flex;flex-wrap:wrap;gap:4px;margin-bottom:6px}.chip{border-radius:8px;padding:1px 8px;font-size:12px;color:#242424}
.facts{display:flex;flex-wrap:wrap;gap:4px 10px;margin-top:6px;font-size:12px;color:#616161;align-items:center}
.face{display:inline-grid;place-items:center;width:24px;height:24px;border-radius:50%;background:#d1e7d0;color:#0b3a0a;font-size:10px;font-weight:600}
.panel{background:#fff;border:1px solid #e0e0e0;border-radius:6px;padding:20px 24px;max-width:760px;overflow-wrap:anywhere}.pre{white-space:pre-wrap}
dl{display:grid;grid-template-columns:140px 1fr;gap:4px 12px;margin:12px 0}dt{color:#616161}dd{margin:0}ul{margin:4px 0;padding-left:20px}.checked{text-decoration:line-through;color:#616161}
`);

/** A whole page, without scripts. */
export const page = (title: string, content: Markup): string => markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head>
<body><header><a href="/webui/">Planner</a><span>Simulated Microsoft 365. Changes made here are real for this simulator.</span></header><main>${content}</main></body></html>`.text;

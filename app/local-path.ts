/** A path inside this site from a query parameter, else "/": a link must not send people to another site. */
export function localPath(value: string | string[] | undefined): string {
  const raw = Array.isArray(value) ? value[0] : value;
  if (!raw) return "/";
  try {
    const here = new URL("http://here.invalid");
    const url = new URL(raw, here);
    // "/.//evil.example" is a path of ours that a browser would read as another host.
    return url.origin === here.origin ? url.pathname.replace(/^\/+/, "/") + url.search : "/";
  } catch {
    return "/";
  }
}

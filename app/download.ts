/** Headers and body of a file that people stored: it is theirs, not ours, and must never run in our origin. */
import { withoutUnseen } from "@/lib/unseen";

/** Nothing in such a file may run, load or act as this site. */
export const FILE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'";

/**
 * Attachment with a name by RFC 6266 (ASCII fallback and UTF-8), no sniffing, and a sandbox should a browser render it
 * all the same. The stored content type is not trusted: everything is an octet stream.
 */
export function downloadHeaders(file: { name: string; size?: number }): Record<string, string> {
  return {
    "Content-Type": "application/octet-stream",
    ...(file.size === undefined ? {} : { "Content-Length": String(file.size) }),
    "Content-Disposition": contentDisposition(file.name),
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": FILE_POLICY,
    "Cache-Control": "private, no-store",
  };
}

/** https://www.rfc-editor.org/rfc/rfc6266#section-4.1 */
export function contentDisposition(name: string): string {
  const clean = withoutUnseen(name, "_").replace(/[/\\]/g, "_").slice(0, 240).toWellFormed() || "file";
  const ascii = clean.replace(/[^\x20-\x7e]|["%]/g, "_");
  const encoded = encodeURIComponent(clean).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** A pull stream: the file is read as fast as the browser takes it, and no further when it goes away. */
export function toWebStream(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

import { QuickXorHash } from "@/lib/graph";

/** The hash that SharePoint gives for every file (base64), over a stream. */
export async function quickXorHash(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = new QuickXorHash();
  for await (const chunk of content) hash.update(chunk);
  return hash.digest();
}

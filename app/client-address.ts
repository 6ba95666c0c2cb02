import { isIP } from "node:net";

/**
 * The address that a request came from: what the outermost of our own proxies has written into X-Forwarded-For. Anything
 * to the left of it was sent by the client and proves nothing; without a proxy the whole header does (Next.js does not
 * tell the address of the socket), so the answer is null.
 */
export function clientAddress(forwardedFor: string | null, proxyHops: number): string | null {
  if (proxyHops === 0 || forwardedFor === null) return null;
  const address = forwardedFor.split(",").at(-proxyHops)?.trim().replace(/^\[([^\]]+)\](:\d+)?$/, "$1") ?? "";
  const withoutPort = /^\d+\.\d+\.\d+\.\d+:\d+$/.test(address) ? address.slice(0, address.indexOf(":")) : address;
  return isIP(withoutPort) === 0 ? null : withoutPort;
}

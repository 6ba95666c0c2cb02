/** Which addresses a webhook may reach. Pure. */
import { BlockList, isIP } from "node:net";

/** https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-: everything that is not globally reachable. */
const PRIVATE: [string, number][] = [
  ["10.0.0.0", 8], ["100.64.0.0", 10], ["127.0.0.0", 8], ["172.16.0.0", 12], ["192.168.0.0", 16], ["192.0.0.0", 24], ["192.0.2.0", 24], ["192.88.99.0", 24],
  ["198.18.0.0", 15], ["198.51.100.0", 24], ["203.0.113.0", 24],
  ["::1", 128], ["fc00::", 7], ["fec0::", 10], ["64:ff9b:1::", 48], ["100::", 64], ["2001::", 23], ["2001:db8::", 32], ["2002::", 16], ["3fff::", 20], ["5f00::", 16],
];
/** Nobody's server: link-local (where clouds answer with credentials), unspecified, multicast, reserved, broadcast. */
const NEVER: [string, number][] = [["0.0.0.0", 8], ["169.254.0.0", 16], ["224.0.0.0", 4], ["240.0.0.0", 4], ["::", 128], ["fe80::", 10], ["ff00::", 8], ["fd00:ec2::", 32]];

const listOf = (ranges: [string, number][]): BlockList => {
  const list = new BlockList();
  for (const [network, bits] of ranges) list.addSubnet(network, bits, isIP(network) === 6 ? "ipv6" : "ipv4");
  return list;
};
const privateList = listOf(PRIVATE);
const neverList = listOf(NEVER);

export type Reach = "public" | "private" | "never";

/** What kind of address this is. IPv4 inside IPv6 (mapped, compatible, NAT64) counts as the IPv4 address. */
export function reachOf(address: string): Reach {
  const version = isIP(address);
  if (version === 0) return "never";
  if (version === 6) {
    const inner = embeddedIPv4(address);
    if (inner) return reachOf(inner);
  }
  const family = version === 6 ? "ipv6" : "ipv4";
  if (neverList.check(address, family)) return "never";
  return privateList.check(address, family) ? "private" : "public";
}

function embeddedIPv4(address: string): string | null {
  const groups = groupsOf(address);
  if (!groups) return null;
  const head = groups.slice(0, 6).map((group) => group.toString(16)).join(":");
  const isEmbedded = head === "0:0:0:0:0:ffff" || head === "64:ff9b:0:0:0:0" || (head === "0:0:0:0:0:0" && (groups[6] !== 0 || groups[7]! > 1));
  if (!isEmbedded) return null;
  return [groups[6]! >> 8, groups[6]! & 255, groups[7]! >> 8, groups[7]! & 255].join(".");
}

/** The eight groups of an IPv6 address, as the URL parser writes them. */
function groupsOf(address: string): number[] | null {
  const host = URL.parse(`http://[${address.split("%")[0]}]`)?.hostname.slice(1, -1);
  if (!host) return null;
  const [left, right] = host.split("::") as [string, string | undefined];
  const parse = (part: string | undefined) => (part ? part.split(":").map((group) => parseInt(group, 16)) : []);
  const [before, after] = [parse(left), parse(right)];
  return right === undefined ? before : [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

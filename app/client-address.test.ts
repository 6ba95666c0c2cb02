import { describe, expect, it } from "vitest";
import { clientAddress } from "./client-address";

describe("clientAddress", () => {
  it.each([
    ["no proxy is configured", "198.51.100.7", 0, null],
    ["one proxy", "198.51.100.7", 1, "198.51.100.7"],
    ["one proxy, and a client that invents", "10.0.0.1, 127.0.0.1, 198.51.100.7", 1, "198.51.100.7"],
    ["two proxies", "1.2.3.4, 198.51.100.7, 203.0.113.9", 2, "198.51.100.7"],
    ["fewer hops than configured", "198.51.100.7", 2, null],
    ["IPv6", "2001:db8::7", 1, "2001:db8::7"],
    ["IPv6 with a port, as Azure writes it", "[2001:db8::7]:4711", 1, "2001:db8::7"],
    ["IPv4 with a port", "198.51.100.7:4711", 1, "198.51.100.7"],
    ["words", "<script>", 1, null],
    ["nothing", "", 1, null],
    ["no header", null, 1, null],
  ])("%s", (_name, header, hops, expected) => expect(clientAddress(header, hops)).toBe(expected));
});

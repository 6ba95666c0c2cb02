import fc from "fast-check";
import { expect, it } from "vitest";
import { pack, unpack } from "./pack";

it("gives back what went in, short or long, and what was stored before there was a packed form", async () => {
  await fc.assert(fc.asyncProperty(fc.jsonValue(), fc.array(fc.jsonValue(), { minLength: 100, maxLength: 400 }), fc.array(fc.constant({ title: "“Ünïcode”\n\u2028" }), { maxLength: 300 }), async (value, long, other) => {
    for (const one of [value, long, { value, long, other }]) {
      const plain = JSON.parse(JSON.stringify(one)) as unknown;
      expect(await unpack(await pack(one))).toEqual(plain);
      expect(await unpack(Buffer.from(JSON.stringify(one)))).toEqual(plain);
    }
  }), { numRuns: 50 });
  const operations = Array.from({ length: 20_000 }, (_, seq) => ({ seq, label: `Create task “${seq}” in Design` }));
  const packed = await pack({ version: 1, operations });
  expect(packed.length).toBeLessThan(JSON.stringify(operations).length / 5);
  expect(await unpack(packed)).toEqual({ version: 1, operations });
});

it("gives what is to be held instead of an element while it unpacks", async () => {
  const packed = await pack({ numbers: Array.from({ length: 500 }, (_, number) => number) });
  expect(await unpack(packed, (number) => -(number as number))).toEqual({ numbers: Array.from({ length: 500 }, (_, number) => -number) });
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { pack, unpack } from "./pack";

it("gives back what went in, short or long, and what was stored before there was a packed form", async () => {
  await fc.assert(fc.asyncProperty(fc.jsonValue(), fc.array(fc.jsonValue(), { minLength: 100, maxLength: 400 }), fc.array(fc.constant({ title: "“Ünïcode”\n\u2028" }), { maxLength: 300 }), async (value, long, other) => {
    for (const one of [value, long, { value, long, other }]) {
      const plain = JSON.parse(JSON.stringify(one)) as unknown;
      expect(unpack(await pack(one))).toEqual(plain);
      expect(unpack(Buffer.from(JSON.stringify(one)))).toEqual(plain);
    }
  }), { numRuns: 50 });
  const operations = Array.from({ length: 20_000 }, (_, seq) => ({ seq, label: `Create task “${seq}” in Design` }));
  const packed = await pack({ version: 1, operations });
  expect(packed.length).toBeLessThan(JSON.stringify(operations).length / 5);
  expect(unpack(packed)).toEqual({ version: 1, operations });
});

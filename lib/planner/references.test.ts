import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeReferenceKey, encodeReferenceKey } from "./references";

it("encodes the example of Microsoft's page", () => {
  expect(encodeReferenceKey("https://contoso.sharepoint.com/teams/agile/documents/AnnualReport.pptx"))
    .toBe("https%3A//contoso%2Esharepoint%2Ecom/teams/agile/documents/AnnualReport%2Epptx");
});

it("decodes what it encoded, whatever the URL holds, and never leaves a forbidden character", () => {
  fc.assert(fc.property(fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), fc.string({ unit: "binary" })), (url) => {
    const key = encodeReferenceKey(url);
    expect(key).not.toMatch(/[.:@#]/);
    expect(decodeReferenceKey(key)).toBe(url);
  }));
});

it("keeps an escape of the URL itself", () => {
  const url = "https://contoso.sharepoint.com/a%20b.docx";
  expect(encodeReferenceKey(url)).toContain("a%2520b");
  expect(decodeReferenceKey(encodeReferenceKey(url))).toBe(url);
});

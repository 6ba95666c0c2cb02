import { describe, expect, it } from "vitest";
import { blind, storedTerms, wantedTerms, wordsOf } from "./searchTokens";

const finds = (query: string, ...texts: string[]): boolean => {
  const stored = storedTerms(texts);
  const wanted = wantedTerms(query);
  return wanted.size > 0 && [...wanted].every((term) => stored.has(term));
};

describe("words", () => {
  it("have one form whatever the case, accents, width and ligatures", () => {
    expect(wordsOf("Übersicht, ﬁnal ＡＢＣ straße café cafe\u0301 №5")).toEqual(["ubersicht", "final", "abc", "strasse", "cafe", "cafe", "no5"]);
    for (const query of ["ubersicht", "ÜBERSICHT", "u\u0308bersicht"]) expect(finds(query, "Die Übersicht")).toBe(true);
  });

  it("are found by every beginning while they are typed, all words in any order, and by nothing else", () => {
    const title = "Write the press release announcement";
    for (const word of wordsOf(title)) for (let length = 2; length <= word.length; length += 1) expect(finds(word.slice(0, length), title), word.slice(0, length)).toBe(true);
    expect(finds("release press", title)).toBe(true);
    expect(finds("press", "presto")).toBe(false);
    expect(finds("release missing", title)).toBe(false);
    expect(finds("elease", title)).toBe(false);
    expect(finds("q3 x", "Q3 plan X")).toBe(true);
    for (const nothing of ["", "  ", "?!", "🎉"]) expect(finds(nothing, title), nothing).toBe(false);
  });

  it("of scripts without blanks are found in the middle; others by beginning", () => {
    for (const query of ["東", "東京", "京都会", "会議"]) expect(finds(query, "東京都会議の準備"), query).toBe(true);
    expect(finds("会京", "東京都会議")).toBe(false);
    expect(finds("שלו", "שלום עולם")).toBe(true);
    expect(finds("прив", "Привет")).toBe(true);
  });

  it("are bounded: a task of a million words stores its first 1,500", () => {
    const text = Array.from({ length: 20_000 }, (_, at) => `w${at.toString(36)}x`).join(" ");
    expect(storedTerms([text]).size).toBeLessThan(1_500 * 7);
    expect(finds("w0x", text)).toBe(true);
    expect(wantedTerms("a b c d e f g h i j k l").size).toBe(8);
  });
});

describe("tokens", () => {
  it("differ by key and term, fit a signed 64-bit column, and never show the word", () => {
    const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const terms = [...storedTerms(["Write the press release"])];
    const tokens = blind(one, terms);
    expect(new Set(tokens).size).toBe(terms.length);
    expect(blind(two, terms).some((token) => tokens.includes(token))).toBe(false);
    expect(blind(one, terms)).toEqual(tokens);
    for (const token of tokens) expect(BigInt.asIntN(64, token)).toBe(token);
  });
});

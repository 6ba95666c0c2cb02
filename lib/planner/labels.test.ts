import { expect, it } from "vitest";
import { LABEL_COLOURS } from "./labels";
import { tasksWith } from "./texts";
import type { SnapshotContent } from "./types";

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

it("measures contrast as WCAG does", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
});

it("has 25 labels, each with 4.5:1 between text and background in both themes", () => {
  expect(LABEL_COLOURS.map(({ category }) => category)).toEqual(Array.from({ length: 25 }, (_, number) => `category${number + 1}`));
  for (const { name, light, dark } of LABEL_COLOURS) {
    expect(contrast(light.background, light.text), `${name}, light`).toBeGreaterThanOrEqual(4.5);
    expect(contrast(dark.background, dark.text), `${name}, dark`).toBeGreaterThanOrEqual(4.5);
  }
});

it("finds tasks by words of everything but the title of the plan", () => {
  const content: SnapshotContent = {
    group: null, plan: { id: "p", title: "Launch" }, planDetails: null, buckets: [{ id: "b", name: "To do" }], attachments: [], people: [],
    tasks: [
      { kind: "task", id: "1", task: { id: "1", title: "Write", bucketId: "b" }, details: { id: "1", description: "About the LAUNCH of it", checklist: { x: { title: "Call Anna" } } }, formats: {} },
      { kind: "task", id: "2", task: { id: "2", title: "Read", bucketId: "b" }, details: null, formats: {} },
    ],
    comments: [{ id: "c", taskId: "2", threadId: "t", authorName: "Anna", authorAddress: null, createdDateTime: "2026-01-01T00:00:00Z", text: "approved", original: { contentType: "text", content: "" } }],
  };
  const found = (text: string) => tasksWith(content, text.split(" ")).map(({ id }) => id);
  expect([found("launch"), found("anna"), found("ANNA approved"), found("anna nobody")]).toEqual([["1"], ["1", "2"], ["2"], []]);
});

import { expect, it } from "vitest";
import { describePreview } from "./words";

it("says what a card shows in Planner's words, and a kind that is not known as it is", () => {
  expect(["automatic", "noPreview", "description", "reference", "hologram"].map(describePreview)).toEqual(["Automatic", "Nothing", "Notes", "Attachment", "hologram"]);
});

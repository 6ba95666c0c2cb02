import { expect, it } from "vitest";
import type { TaskRecord } from "@/lib/planner/types";
import { altered, holdText, lean } from "./packed";

const record = (): TaskRecord => ({ kind: "task", id: "t", task: { id: "t", title: "Paint" }, details: { id: "t", description: "Twice", checklist: { a: { title: "Wall" } } }, formats: {} }) as TaskRecord;

it("what is held packed looks as if it were not: to readers, to JSON, to copies", () => {
  const [plain, held] = [record(), lean(record())];
  expect(held).toEqual(plain);
  expect(JSON.stringify(held)).toBe(JSON.stringify(plain));
  expect({ ...held, id: "other" }).toEqual({ ...plain, id: "other" });
  expect(structuredClone({ ...held })).toEqual(plain);
  expect(Object.getOwnPropertyDescriptor(held, "details")?.value).toBeUndefined();
  expect(lean({ ...record(), details: null }).details).toBeNull();
});

it("several tasks are told apart however often and in whatever order they are asked", () => {
  const many = Array.from({ length: 20 }, (_, number) => holdText({ words: [`word ${number}`], body: { number } }, ["words"], ["body"]));
  for (const number of [3, 19, 3, 0, 7, 7, 12, 3]) expect(many[number]).toEqual({ words: [`word ${number}`], body: { number } });
});

it("an altered task has the parts of the first one, and those that are made for it when they are asked for", () => {
  const held = lean(record());
  expect(altered(held, {}, "u")).toEqual({ ...record(), id: "u" });
  let made = 0;
  const other = altered(held, {
    details: ({ details }) => {
      made += 1;
      return { ...details!, description: "Thrice" };
    },
  });
  expect(other.task).toEqual(record().task);
  expect(made).toBe(0);
  const third = altered(other, { task: ({ id, task }) => ({ ...task, title: `${task.title} ${id}` }) }, "v");
  const wanted = { ...record(), id: "v", task: { id: "t", title: "Paint t" }, details: { ...record().details, description: "Thrice" } };
  expect(third).toEqual(wanted);
  expect(JSON.stringify(third)).toBe(JSON.stringify(wanted));
});

import { expect, test } from "vitest";
import { templateOf } from "./template";
import { bench, json } from "./testing/fakes";

test.each([
  ["/planner/tasks/AbC-123/details", "/planner/tasks/{id}/details"],
  ["https://graph.microsoft.com/v1.0/groups/1?$filter=secret", "/groups/{id}"],
  ["/groups/1/drive/root:/Board%20papers/Salaries.xlsx:/createUploadSession", "/groups/{id}/drive/root:{path}:/createUploadSession"],
  ["/groups/1/drive/root:/a/content.txt", "/groups/{id}/drive/root:{path}"],
  ["/shares/u!aHR0cHM6/driveItem", "/shares/{id}/driveItem"],
  ["/users/anna@contoso.example?$select=id", "/users/{id}"],
])("%s", (path, expected) => {
  expect(templateOf(path)).toBe(expected);
});

test("each request is reported by its template, with its own client-request-id", async () => {
  const facts: unknown[] = [];
  const { graph, sent } = bench([json(503, {}), json(200, { id: "x" })], { events: { request: (one) => facts.push(one) } });
  await graph.task("SECRET");
  expect(facts).toMatchObject([{ method: "GET", template: "/planner/tasks/{id}", status: 503, attempt: 1 }, { status: 200, attempt: 2 }]);
  expect(JSON.stringify(facts)).not.toContain("SECRET");
  expect(new Set(sent.map((s) => s.headers["client-request-id"])).size).toBe(2);
});

import type { IncomingMessage, ServerResponse } from "node:http";
import { beforeEach, describe, expect, it } from "vitest";
import type { SimResponse } from "../../http";
import { plannerWebRoom } from "../index";
import { createBench, id } from "../testing";
import type { Bench } from "../testing";

let bench: Bench;
let planId: string;
let bucketId: string;
let taskId: string;
beforeEach(() => {
  bench = createBench();
  ({ planId, bucketId, taskId } = bench.plan());
});

async function visit(method: "GET" | "POST", path: string, fields: Record<string, string> = {}): Promise<SimResponse & { text: string }> {
  const room = plannerWebRoom(bench.world, bench.store, { countComments: () => 3 });
  const request = { method, url: new URL(path, bench.world.origin), headers: {}, body: Buffer.from(new URLSearchParams(fields).toString()), raw: {} as IncomingMessage };
  const answer = await room(request, {} as ServerResponse);
  if (!answer) throw new Error(`The room does not serve ${path}.`);
  return { ...answer, text: String(answer.body) };
}

describe("Planner's pages", () => {
  const board = (): string => `/webui/plan/${planId}/view/board`;

  it("list plans by tenant and group, and leave other addresses to others", async () => {
    const { text } = await visit("GET", "/webui/");
    expect(text).toContain(`href="${board()}">Launch</a>`);
    expect(text).toContain("Group 21");
    await expect(visit("GET", "/v1.0/me")).rejects.toThrow();
  });

  it("show the live board and task", async () => {
    bench.store.addTask({
      planId, bucketId, title: "Ship it", createdBy: { userId: id(11), appId: null }, percentComplete: 50, priority: 1, dueDateTime: "2026-03-04T10:00:00Z", assignees: [id(12)],
      appliedCategories: ["category1"], description: "Notes here", checklist: [{ title: "Pack", isChecked: true }], references: [{ url: "https://contoso.com/plan.docx", alias: "Plan" }], conversationThreadId: "T1",
    });
    const page = await visit("GET", `${board()}?tid=whatever`);
    for (const shown of ["To do", "Write the brief", "Ship it", "In progress", "Urgent", "Due 2026-03-04", "Pink", 'aria-label="Colleague"', "1 / 1"]) expect(page.text).toContain(shown);
    const [, ship] = [...bench.store.findPlan(planId)!.tasks.keys()];
    const task = await visit("GET", `${board()}/task/${ship}`);
    for (const shown of ["Notes here", "Pack", 'href="https://contoso.com/plan.docx"', "<dt>Comments</dt><dd>3</dd>"]) expect(task.text).toContain(shown);
  });

  it("escape everything", async () => {
    const evil = `"><script>alert(1)</script>`;
    const task = bench.store.addTask({ planId, bucketId, title: evil, description: evil, createdBy: { userId: null, appId: null }, checklist: [{ title: evil }] });
    bench.store.addBucket({ planId, name: evil });
    for (const path of [board(), `${board()}/task/${task.id}`]) {
      const answer = await visit("GET", path);
      expect(answer.text).not.toContain("<script");
      expect(answer.headers?.["content-security-policy"]).toContain("default-src 'none'");
    }
  });

  it("let a person add, rename, complete and delete a task; etags move", async () => {
    const etag = bench.store.findTask(taskId)!.revision.etag;
    await visit("POST", `${board()}/task/${taskId}/rename`, { title: "Write more" });
    await visit("POST", `${board()}/task/${taskId}/complete`);
    expect((await bench.member.get(`/planner/tasks/${taskId}`)).body).toMatchObject({ title: "Write more", percentComplete: 100, completedDateTime: expect.any(String) });
    expect(bench.store.findTask(taskId)!.revision.etag).not.toBe(etag);
    expect(await visit("POST", `${board()}/add`, { title: "From the web", bucketId })).toMatchObject({ status: 302, headers: { location: board() } });
    expect((await bench.member.list(`/planner/buckets/${bucketId}/tasks`)).map((task) => task.title)).toContain("From the web");
    await visit("POST", `${board()}/task/${taskId}/delete`);
    expect((await bench.member.get(`/planner/tasks/${taskId}`)).status).toBe(404);
    expect((await visit("GET", `${board()}/task/${taskId}`)).status).toBe(404);
  });

  it("let a person delete a plan", async () => {
    await visit("POST", `${board()}/delete`);
    expect((await bench.member.get(`/planner/plans/${planId}`)).status).toBe(404);
    expect(await visit("GET", board())).toMatchObject({ status: 404 });
  });

  it("change nothing on GET", async () => {
    for (const path of [`${board()}/delete`, `${board()}/task/${taskId}/delete`]) expect((await visit("GET", path)).status).toBe(302);
    expect((await bench.member.get(`/planner/tasks/${taskId}`)).status).toBe(200);
  });
});

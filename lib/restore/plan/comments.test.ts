import { describe, expect, it } from "vitest";
import type { Comment, SnapshotContent } from "@/lib/planner/types";
import { GROUP } from "../testing/inputs";
import type { RestorePlan, RestoreRequest } from "../types";
import { buildRestorePlan } from "./build";
import { quotedComment } from "./comments";
import { isOf } from "./draft";

const comment = (id: string, minute: number, text: string, more: Partial<Comment> = {}): Comment => ({
  id, taskId: "t1", threadId: "thread", authorName: "Ann Smith", authorAddress: "ann@contoso.com", createdDateTime: `2026-03-02T14:${String(minute).padStart(2, "0")}:00Z`, text, original: { contentType: "html", content: "" }, ...more,
});

const snapshotOf = (comments: Comment[], description = "Mine"): SnapshotContent => ({
  group: null, plan: { id: "p", title: "Garden" }, planDetails: { id: "p" }, buckets: [], attachments: [], people: [], comments,
  tasks: [{ kind: "task", id: "t1", task: { id: "t1", title: "Water" }, details: { id: "t1", description }, formats: {} }],
});

function build(snapshot: SnapshotContent, comments: RestoreRequest["comments"]): RestorePlan {
  return buildRestorePlan({
    snapshot, restoreId: "r1", people: [], request: { tasks: "all", target: { kind: "new_plan", groupId: GROUP, title: "Again" }, addMembers: true, comments },
    account: { id: "a", hasExchangeLicence: true, scopes: ["Group.ReadWrite.All"] },
    live: { group: { id: GROUP, displayName: "Marketing", visibility: "Public", memberIds: [], accountIsMember: true, accountIsOwner: true }, planIds: [], plan: null, missingFiles: [] },
  });
}

const three = [comment("c2", 30, "Second"), comment("c1", 5, "First"), comment("c3", 45, "From the chat", { channel: "chat", threadId: "", authorName: null })];
const posts = (plan: RestorePlan) => plan.operations.filter(isOf("post_comment"));
const notes = (plan: RestorePlan) => plan.operations.filter(isOf("update_task_details"))[0]?.body.fields.description;

describe("comments", () => {
  it("are quoted as text, whatever they hold", () => {
    const html = quotedComment(comment("c", 1, "<img src=x onerror=alert(1)>\nsecond line", { authorName: "<b>Eve</b>" }), "pb-1");
    expect(html).not.toContain("<img");
    expect(html).not.toContain("<b>Eve");
    expect(html).toContain("<br>second line");
    expect(html).toContain("pb-1");
  });

  it("have a topic and a title that end with no half of an emoji, which Graph refuses", () => {
    for (let length = 150; length < 200; length += 1) {
      const snapshot = snapshotOf([comment("c1", 1, `${"x".repeat(length)}🎉🎉${"y".repeat(60)}`)]);
      snapshot.tasks[0]!.task.title = `${"x".repeat(length)}🎉🎉`;
      const [post] = posts(build(snapshot, "quoted"));
      expect([post!.body.topic.isWellFormed(), post!.changes.every(({ to }) => to!.isWellFormed())], String(length)).toEqual([true, true]);
      expect(post!.body.topic.length).toBeGreaterThanOrEqual(Math.min(199, length + 23));
    }
  });

  it("come back one by one, oldest first, those of the chat too; each waits for the one before, the conversation is linked to the task", () => {
    const plan = build(snapshotOf(three), "quoted");
    expect(posts(plan).map(({ body }) => /<blockquote>(.*?)<\/blockquote>/.exec(body.html)?.[1])).toEqual(["First", "Second", "From the chat"]);
    expect(posts(plan)[0]?.body.html).toContain("Ann Smith</b> wrote on 2026-03-02 14:05 UTC");
    expect(posts(plan)[2]?.body.html).toContain("ann@contoso.com");
    const [first, second, third] = posts(plan);
    expect(second?.afterSettled).toEqual([first?.seq]);
    expect(third?.afterSettled).toEqual([second?.seq]);
    expect(second?.body.threadId).toEqual({ $ref: first?.seq, field: "threadId" });
    expect(plan.operations.find(({ body }) => "conversationThreadId" in body)?.after).toContain(first?.seq);
    expect(new Set(posts(plan).map(({ body }) => body.reference)).size).toBe(3);
    expect(plan.warnings.join()).toContain("an e-mail for each of the 3 comments");
    expect(plan.inexact).toEqual(expect.arrayContaining([expect.objectContaining({ field: "Comment author and time", items: 3 }), expect.objectContaining({ field: "Chat messages", items: 1 })]));
  });

  it("come back as one, with all authors and times; a long history takes several", () => {
    const plan = build(snapshotOf(three), "summary");
    expect(posts(plan)).toHaveLength(1);
    expect(posts(plan)[0]?.body.html.indexOf("First")).toBeLessThan(posts(plan)[0]!.body.html.indexOf("Second"));
    expect(plan.warnings.join()).toContain("an e-mail for the comment");
    const long = Array.from({ length: 30 }, (_, at) => comment(`c${at}`, at, `${at} ${"x".repeat(3000)}`));
    const parts = posts(build(snapshotOf(long), "summary"));
    expect(parts.length).toBeGreaterThan(3);
    expect(parts.every(({ body }) => body.html.length < 30_000)).toBe(true);
    expect(parts.flatMap(({ body }) => [...body.html.matchAll(/<blockquote>(\d+) x/g)].map(([, at]) => Number(at)))).toEqual(long.map((_, at) => at));
  });

  it("come back in the notes, below what was there; what finds no room is named", () => {
    const plan = build(snapshotOf(three), "notes");
    expect(posts(plan)).toEqual([]);
    expect(notes(plan)).toBe("Mine\n\nComments (restored as text)\n\nAnn Smith, 2026-03-02 14:05 UTC:\nFirst\n\nAnn Smith, 2026-03-02 14:30 UTC:\nSecond\n\nann@contoso.com, 2026-03-02 14:45 UTC:\nFrom the chat");
    const long = build(snapshotOf(Array.from({ length: 30 }, (_, at) => comment(`c${at}`, at, "x".repeat(3000)))), "notes");
    expect(String(notes(long)).length).toBeLessThanOrEqual(30_000);
    expect(long.warnings.join()).toMatch(/no room for the last 2\d of its 30 comments/);
    expect(notes(build(snapshotOf(three, "y".repeat(31_000)), "notes"))).toBe("y".repeat(31_000));
  });

  it("stay away when it was chosen, and that is said", () => {
    const plan = build(snapshotOf(three), "none");
    expect(posts(plan)).toEqual([]);
    expect(notes(plan)).toBe("Mine");
    expect(plan.inexact).toContainEqual({ field: "Comments", items: 3, instead: "Comments are not restored, as chosen." });
    expect(plan.warnings.join()).not.toContain("e-mail");
  });
});

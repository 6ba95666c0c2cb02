import { describe, expect, it } from "vitest";
import { Revision } from "./revision";

/** https://learn.microsoft.com/graph/api/resources/planner-overview (Planner resource versioning) */
describe("etags", () => {
  const text = (etag: string): string => Buffer.from(/^W\/"(.+)"$/.exec(etag)![1]!, "base64").toString();

  it("looks like Planner's", () => {
    expect(new Revision("Task", 1).etag).toBe('W/"JzEtVGFzayAgQEBAQEBAQEBAQEBAQEBARCc="');
    expect(text(new Revision("TaskDetails", 6).etag)).toBe("'1-TaskDetails @@@@@@@@@@@@@@@X'");
  });

  it("grows in ordinal order", () => {
    const revision = new Revision("Bucket", 1);
    const seen = Array.from({ length: 2000 }, () => {
      const etag = text(revision.etag);
      revision.touch(["name"]);
      return etag;
    });
    expect(seen).toEqual([...seen].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(seen).size).toBe(2000);
  });

  const outcome = (attempt: () => void): number => {
    try {
      attempt();
    } catch (error) {
      return (error as { status: number }).status;
    }
    return 204;
  };

  it("merges a write that names an older version when nothing it touches has changed since, else answers 409", () => {
    const revision = new Revision("Task", 3);
    const old = revision.etag;
    revision.touch(["title"]);
    expect(outcome(() => revision.require(old, ["dueDateTime"]))).toBe(204);
    expect(outcome(() => revision.require(old, ["title"]))).toBe(409);
    expect(outcome(() => revision.require(old, "all"))).toBe(409);
    expect(outcome(() => revision.require(revision.etag, "all"))).toBe(204);
  });

  it.each(["*", "W/\\\"JzEtVGFzayAgQEBAQEBAQEBAQEBAQEBARCc=\\\"", "JzEtVGFzayAgQEBAQEBAQEBAQEBAQEBARCc=", '"JzEtVGFzayAgQEBAQEBAQEBAQEBAQEBARCc="', 'W/"bm9uc2Vuc2U="'])("answers 412 to %s", (ifMatch) => {
    expect(outcome(() => new Revision("Task", 1).require(ifMatch, []))).toBe(412);
  });

  it("answers 412 to versions that never were", () => {
    const revision = new Revision("Task", 5);
    expect(outcome(() => revision.require(new Revision("Task", 4).etag, []))).toBe(412);
    expect(outcome(() => revision.require(new Revision("Task", 6).etag, []))).toBe(412);
    expect(outcome(() => revision.require(new Revision("TaskDetails", 5).etag, []))).toBe(412);
  });
});

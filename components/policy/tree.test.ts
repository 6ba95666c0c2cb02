import { describe, expect, it } from "vitest";
import type { Catalogue, CatalogueGroup } from "@/lib/workspaces/types";
import { choicesOf, filterCatalogue, groupsWith, groupTick, selectionOf, toggle, totals, treeRows, type Choices } from "./tree";

const reason = { reason: "The account is not a member.", remedy: "Add it." };

function group(id: string, plans: string[], unreachable: CatalogueGroup["unreachable"] = null): CatalogueGroup {
  return { id, name: `Group ${id}`, visibility: "Private", isMember: unreachable === null, isOwner: false, unreachable, plans: plans.map((plan) => ({ id: plan, title: `Plan ${plan}`, unreachable: null })) };
}

const catalogue: Catalogue = { readAt: "2026-11-20T12:00:00Z", groups: [group("a", ["a1", "a2"]), group("b", ["b1"]), group("c", ["c1"], reason)] };
const none: Choices = new Map();
const rows = (choices: Choices, query = "") => treeRows(catalogue, filterCatalogue(catalogue, query), choices, new Set(["a", "b", "c"]), query !== "");
const row = (choices: Choices, key: string, query = "") => {
  const found = rows(choices, query).find((each) => each.key === key);
  if (!found) throw new Error(`no row ${key}`);
  return found;
};

describe("tree of groups and plans", () => {
  it("takes all plans of a group and its new ones with one click, and leaves them with the next", () => {
    const taken = toggle(none, row(none, "a"));
    expect(selectionOf(taken)).toEqual({ groups: [{ groupId: "a", planIds: ["a1", "a2"], includeNew: true }] });
    expect(groupTick(catalogue.groups[0]!, taken)).toBe("checked");
    expect(selectionOf(toggle(taken, row(taken, "a")))).toEqual({ groups: [] });
  });

  it("is mixed while something of the group is taken", () => {
    const one = toggle(none, row(none, "a/a1"));
    expect(groupTick(catalogue.groups[0]!, one)).toBe("mixed");
    expect(groupTick(catalogue.groups[0]!, toggle(none, row(none, "a/new")))).toBe("mixed");
  });

  it("cannot take what is unreachable, and says why", () => {
    expect(toggle(none, row(none, "c"))).toBe(none);
    expect(toggle(none, row(none, "c/c1"))).toBe(none);
    expect(row(none, "c/c1")).toMatchObject({ unreachable: reason });
    expect(rows(none).some((each) => each.key === "c/new")).toBe(false);
  });

  it("takes only what a search shows, and not the new plans of a group that it cuts", () => {
    const found = row(none, "a", "a2");
    expect(selectionOf(toggle(none, found))).toEqual({ groups: [{ groupId: "a", planIds: ["a2"], includeNew: false }] });
  });

  it("keeps plans that the catalogue does not show any more", () => {
    const before = choicesOf({ groups: [{ groupId: "a", planIds: ["gone", "a1"], includeNew: false }] });
    expect(selectionOf(toggle(before, row(before, "a/a2"))).groups[0]?.planIds).toEqual(["gone", "a1", "a2"]);
  });

  it("names the groups of which something is selected, also their new plans alone", () => {
    expect(groupsWith(none)).toBeNull();
    expect(groupsWith(toggle(none, row(none, "b/new")))).toEqual(new Set(["b"]));
    const taken = toggle(none, row(none, "b/b1"));
    expect(groupsWith(toggle(taken, row(taken, "b/b1")))).toBeNull();
  });

  it("sums up", () => {
    expect(totals(catalogue, toggle(none, row(none, "a")))).toEqual({ plans: 2, groups: 1, newIn: 1, reachable: 3, unreachable: 1 });
  });
});

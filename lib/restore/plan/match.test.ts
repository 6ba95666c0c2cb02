import { describe, expect, it } from "vitest";
import type { Person } from "@/lib/planner/types";
import { matchPeople, type SourcePerson } from "./match";

const person = (id: string, displayName: string, userPrincipalName?: string, mail?: string): Person => ({ id, displayName, userPrincipalName, mail });
const of = (...people: Person[]): SourcePerson[] => people.map((one, at) => ({ person: one, tasks: people.length - at }));
const found = (sources: SourcePerson[], directory: Person[], chosen = {}) => matchPeople(sources, directory, chosen).map(({ target, by }) => [target?.id ?? null, by]);

const ann = person("a", "Ann Smith", "ann@contoso.com", "ann.smith@contoso.com");

describe("people of a snapshot in the target's directory", () => {
  it("are the same ones where the id is the same, whatever else was changed", () => {
    expect(found(of(ann), [person("a", "Ann Jones", "jones@contoso.com"), person("b", "Ann Smith", "ann@contoso.com")])).toEqual([["a", "id"]]);
  });

  it("else have the same user name, in whatever case; else the same address", () => {
    expect(found(of(ann), [person("x", "Other", "ANN@Contoso.com")])).toEqual([["x", "userPrincipalName"]]);
    expect(found(of(ann), [person("x", "Other", "x@fabrikam.com", "Ann.Smith@contoso.com")])).toEqual([["x", "mail"]]);
    expect(found(of(person("b", "Ben", "ben@contoso.com")), [person("x", "Ben", "ben_contoso.com#EXT#@fabrikam.com", "ben@contoso.com")])).toEqual([["x", "mail"]]);
  });

  it("else have a name that only one person has, and only where nobody has the same id: in another tenant", () => {
    expect(found(of(ann), [person("x", "ann smith", "x@fabrikam.com")])).toEqual([["x", "name"]]);
    expect(found(of(ann, person("b", "Ben")), [person("x", "Ann Smith", "x@contoso.com"), person("b", "Ben")])).toEqual([[null, "none"], ["b", "id"]]);
  });

  it("are nobody when several fit", () => {
    expect(found(of(ann), [person("x", "Ann Smith"), person("y", "Ann Smith")])).toEqual([[null, "ambiguous"]]);
    expect(found(of(ann), [person("x", "X", "x", "ann.smith@contoso.com"), person("y", "Y", "y", "ann.smith@contoso.com")])).toEqual([[null, "ambiguous"]]);
  });

  it("are who a person chose: by id, user name or address, or nobody", () => {
    const directory = [person("a", "Ann Smith"), person("x", "Xaver", "xaver@contoso.com", "x@contoso.com")];
    expect(found(of(ann), directory, { a: "x" })).toEqual([["x", "chosen"]]);
    expect(found(of(ann), directory, { a: "Xaver@contoso.com" })).toEqual([["x", "chosen"]]);
    expect(found(of(ann), directory, { a: "x@contoso.com" })).toEqual([["x", "chosen"]]);
    expect(found(of(ann), directory, { a: null })).toEqual([[null, "chosen"]]);
    expect(found(of(ann), directory, { a: "gone@contoso.com" })).toEqual([[null, "none"]]);
  });

  it("are listed by the number of their tasks", () => {
    expect(matchPeople([{ person: person("b", "Ben"), tasks: 2 }, { person: person("c", "Cem"), tasks: 7 }, { person: { id: "d" }, tasks: 2 }], []).map(({ source }) => source.id)).toEqual(["c", "d", "b"]);
  });
});

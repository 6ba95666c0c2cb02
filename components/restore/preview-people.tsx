"use client";

import { useState } from "react";
import type { ActionResult } from "@/components/action-result";
import { ActionButton } from "@/components/ui/action-button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Disclosure } from "@/components/ui/disclosure";
import { plural } from "@/components/ui/text";
import type { PersonMatch, RestoreRequest } from "@/lib/restore/types";
import { PeopleTable } from "./people-table";
import type { ShownPlan } from "./view";

interface PreviewPeopleProps {
  plan: ShownPlan;
  request: RestoreRequest;
  /** Makes a new preview with other people; null when it cannot be changed any more. */
  change: ((people: RestoreRequest["people"]) => Promise<ActionResult<unknown>>) | null;
}

/** Who is who in the target, who joins the group, whose assignment is left out, and who is told. */
export function PreviewPeople({ plan, request, change }: PreviewPeopleProps) {
  const { people, newMembers, droppedAssignments, notified } = plan;
  if (people.length + newMembers.length + droppedAssignments.length + notified.length === 0) return null;
  return (
    <Card aria-labelledby="people-title">
      <CardHeader id="people-title" title="People" />
      <CardBody className="space-y-4">
        {newMembers.length > 0 ? <p><strong className="font-medium">{plural(newMembers.length, "person becomes a member", "people become members")} of the group:</strong> {newMembers.map((member) => member.name).join(", ")}</p> : null}
        {notified.length > 0 ? <p><strong className="font-medium">Planner may tell {plural(notified.length, "person", "people")} that tasks are assigned to them:</strong> {notified.map(({ name, tasks }) => `${name} (${tasks})`).join(", ")}</p> : null}
        {droppedAssignments.length > 0 ? (
          <div>
            <p className="font-medium">{request.unmatched === "text" ? "Assignments that become text in the notes" : "Assignments that are left out"}</p>
            <ul className="mt-1 list-disc pl-5">{droppedAssignments.map((dropped) => <li key={dropped.name + dropped.reason}>{dropped.name}, {plural(dropped.tasks, "task")}: {dropped.reason}</li>)}</ul>
          </div>
        ) : null}
        {people.length > 0 ? <Mapping plan={plan} request={request} change={change} /> : null}
      </CardBody>
    </Card>
  );
}

const HOW: Record<PersonMatch["by"], string> = {
  id: "the same person", userPrincipalName: "same user name", mail: "same e-mail address", name: "same name", chosen: "as chosen",
  ambiguous: "Nobody: several people fit", none: "Nobody was found",
};

function Mapping({ plan, request, change }: PreviewPeopleProps) {
  const before = request.people ?? {};
  const [chosen, setChosen] = useState<Record<string, string | null>>(before);
  const rows = plan.people.map(({ source, target, by, tasks }) => ({ ...source, tasks, automatic: by === "chosen" ? "Whoever is found by itself" : target && by !== "id" ? `${target.name}, ${HOW[by]}` : target ? target.name : HOW[by] }));
  const changed = JSON.stringify(Object.entries(chosen).sort()) !== JSON.stringify(Object.entries(before).sort());
  const nobody = plan.people.filter(({ target, by }) => target === null && by !== "chosen").length;
  const summary = `Who is who: ${plural(rows.length, "person", "people")}${nobody > 0 ? `, ${nobody} not found` : ""}`;
  return (
    <Disclosure summary={summary} open={nobody > 0 || plan.people.some(({ by }) => by !== "id")}>
      <div className="space-y-3">
        {change ? <PeopleTable rows={rows} chosen={chosen} candidates={plan.candidates ?? []} onChange={setChosen} /> : (
          <ul className="space-y-1">{plan.people.map(({ source, target, by }) => <li key={source.id}>{source.name} → {target ? target.name : "nobody"} <span className="text-muted">({HOW[by]})</span></li>)}</ul>
        )}
        {change && changed ? <ActionButton action={() => change(Object.keys(chosen).length > 0 ? chosen : undefined)}>Preview with these people</ActionButton> : null}
      </div>
    </Disclosure>
  );
}

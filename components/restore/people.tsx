"use client";

import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { CheckboxLine } from "@/components/ui/checkbox";
import { Disclosure } from "@/components/ui/disclosure";
import { RadioCards } from "@/components/ui/radio";
import { plural } from "@/components/ui/text";
import type { Choices } from "./choices";
import type { Assignee } from "./items";
import { PeopleTable } from "./people-table";

interface PeopleProps { choices: Choices; assignees: Assignee[]; sameTenant: boolean; onChange: (change: Partial<Choices>) => void }

/** Who the assignees become, and what happens to those who find nobody. */
export function People({ choices, assignees, sameTenant, onChange }: PeopleProps) {
  if (assignees.length === 0) return null;
  const rows = assignees.map((person) => ({ ...person, automatic: sameTenant ? "The same person" : "Whoever has the same user name, e-mail or name" }));
  const table = <PeopleTable rows={rows} chosen={choices.people} candidates={[]} onChange={(people) => onChange({ people })} />;
  return (
    <Card aria-labelledby="people-title">
      <CardHeader id="people-title" title="People">{sameTenant ? `${plural(assignees.length, "assignee of the snapshot stays who they are", "assignees of the snapshot stay who they are")}.` : `${plural(assignees.length, "assignee of the snapshot is", "assignees of the snapshot are")} matched to people of the other directory. The preview shows who was found, and there it can be changed too.`}</CardHeader>
      <CardBody className="space-y-4">
        {sameTenant ? <Disclosure summary="Assign to other people" open={Object.keys(choices.people).length > 0}>{table}</Disclosure> : table}
        <CheckboxLine label="Add assignees to the group when they are not members" hint="Only members can be assigned. Without this their assignment is not made; the preview names each person." checked={choices.addMembers} onCheckedChange={(on) => onChange({ addMembers: on === true })} />
        <RadioCards
          name="unmatched"
          label="Assignments that find nobody"
          labelShown
          value={choices.unmatched}
          onChange={(unmatched) => onChange({ unmatched })}
          className="md:grid-cols-2"
          choices={[
            { value: "drop", label: "Leave such assignments out", hint: "The preview and the report name them." },
            { value: "text", label: "Write the names into the notes", hint: "“Was assigned to …” below the notes of the task." },
          ]}
        />
      </CardBody>
    </Card>
  );
}

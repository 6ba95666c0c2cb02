"use client";

import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { RadioCards } from "@/components/ui/radio";
import { plural } from "@/components/ui/text";
import type { Choices } from "./choices";

/** What becomes of comments: their authors cannot be set, so they come back as text or not at all. */
export function Comments({ choices, count, onChange }: { choices: Choices; count: number; onChange: (change: Partial<Choices>) => void }) {
  if (count === 0) return null;
  const mails = choices.comments === "quoted" || choices.comments === "summary";
  return (
    <Card aria-labelledby="comments-title">
      <CardHeader id="comments-title" title="Comments">{plural(count, "comment")} in the snapshot. Microsoft lets nobody write in another name, so they come back as text with author and time{choices.where === "in_place" ? ", on tasks that are made again; comments of tasks that exist are left alone" : ""}.</CardHeader>
      <CardBody className="space-y-4">
        <RadioCards
          name="comments"
          label="Comments"
          value={choices.comments}
          onChange={(comments) => onChange({ comments })}
          className="md:grid-cols-2"
          choices={[
            { value: "none", label: "Leave comments out", hint: "They stay in the snapshot." },
            { value: "notes", label: "Write comments into the notes", hint: "Below the notes of the task. Nobody gets an e-mail." },
            { value: "summary", label: "Post one comment per task", hint: "All comments of a task in one, oldest first." },
            { value: "quoted", label: "Post comments as quoted text", hint: "One each, oldest first." },
          ]}
        />
        {mails ? <Notice tone="warn" title="Members of the group may get an e-mail for each comment that is posted">They are posted in the name of the connection account, which needs an Exchange Online licence for it. Microsoft lets no application post them, so an app-only connection cannot.</Notice> : null}
      </CardBody>
    </Card>
  );
}

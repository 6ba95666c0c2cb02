import { HelpPage, Section } from "@/components/help/article";
import { LOSSY_FIELDS } from "@/lib/planner/canonical";

export const metadata = { title: "What can be restored" };

/** `page`: Microsoft's, below https://learn.microsoft.com/graph/api/; docs/restore.md names the same. `beta`: read and written by Microsoft's beta interface only. */
const EXACT: { what: string; page: string; beta?: true }[] = [
  { what: "The title of the plan (in place) and the names of the 25 labels", page: "resources/plannerplandetails" },
  { what: "Whether the plan is archived", page: "plannerplan-archive?view=graph-rest-beta", beta: true },
  { what: "Buckets, their names and their order", page: "resources/plannerbucket" },
  { what: "Title, progress, priority, start and due date of tasks, labels and assignees in order", page: "resources/plannertask" },
  { what: "Notes, and what shows on the card", page: "resources/plannertaskdetails" },
  { what: "Formatted notes", page: "resources/plannertaskdetails?view=graph-rest-beta", beta: true },
  { what: "Checklists with ticks and order", page: "resources/plannerchecklistitems" },
  { what: "Which checklist items a task requires", page: "resources/plannertaskcompletionrequirementdetails?view=graph-rest-beta", beta: true },
  { what: "Attachments: names, types and order; stored files byte for byte, at a new address", page: "resources/plannerexternalreferences" },
  { what: "The repetition of open tasks: its pattern and its next date", page: "resources/plannertaskrecurrence?view=graph-rest-beta", beta: true },
  { what: "The order of tasks in the list and on the three boards", page: "resources/planner-order-hint-format" },
];

export default function RestoreHelpPage() {
  return (
    <HelpPage path="/help/restore" title="What can be restored" intro="The preview of a restore says the same for what you chose, with numbers, before anything is written; afterwards the plan is read back and compared.">
      <Section title="Exactly">
        <ul className="list-disc space-y-1 pl-5">{EXACT.map(({ what, page, beta }) => <li key={what}>{what}{beta ? " ¹" : ""} <Source page={page} /></li>)}</ul>
        <p className="text-muted">¹ Microsoft has it in its beta interface only, and not in its national clouds. The extras of a connection switch it on or off; the preview counts what comes back without.</p>
      </Section>
      <Section title="As text">
        <p>Comments and chat messages of tasks. Microsoft lets nobody write in another name, so they come back quoted, with author and time, oldest first: as comments, as one comment, or in the notes; you choose. <Source page="group-post-threads" /></p>
        <p>People without an account in the target, in the notes of their tasks, if you choose so. <Source page="resources/plannerassignments" /></p>
      </Section>
      <Section id="never" title="Not at all, and why">
        <p>Microsoft sets these by itself and gives no way to set them. They stay readable in the snapshot.</p>
        <dl className="divide-y divide-line rounded-lg border border-line bg-surface">
          {LOSSY_FIELDS.map(({ field, why, page }) => (
            <div key={field} className="px-4 py-2.5"><dt className="font-mono text-[0.8125rem] [overflow-wrap:anywhere]">{field}</dt><dd className="text-muted">{why} <Source page={page} /></dd></div>
          ))}
        </dl>
      </Section>
      <Section title="People who have left">
        <p>Somebody who is not in the directory any more cannot be assigned; the preview names each of them and lets you choose somebody else. Somebody who is not in the target group is added to it if you agree.</p>
      </Section>
      <Section id="drills" title="Is it proven?">
        <p>A restore drill proves it: on the page of a policy, choose a sandbox group, and run a drill or put drills on a schedule. The newest complete backup of one plan is restored there as a new plan, read back and compared, and that plan is removed again. Policies take their plans in turn. The overview says what was last proven restorable, and when.</p>
        <p>Nobody is assigned in a drill, because Planner tells people of their tasks; comments are not posted, and files not uploaded, but read from the backup. Members of the sandbox group can see the plan while the drill runs. Only the plan that the drill made is ever removed; if somebody has put something of their own into it, it stays, and you are told.</p>
      </Section>
      <Section title="What is never touched">
        <p>A restore into a new plan changes nothing that exists. In place, only what you see in the preview is changed, and when the plan has moved since you looked, the restore stops and shows the difference. Nothing is deleted unless you choose so and confirm it in words. Afterwards the report offers the way back.</p>
      </Section>
    </HelpPage>
  );
}

/** A link to the page of Microsoft that says so. */
function Source({ page }: { page: string }) {
  const name = page.replace(/^resources\//, "").replace(/\?.*/, "");
  return <a href={`https://learn.microsoft.com/graph/api/${page}`} rel="noreferrer" className="text-[0.8125rem] text-muted underline decoration-line-strong underline-offset-2 hover:decoration-current" aria-label={`Microsoft’s page: ${name}`}>{name}</a>;
}

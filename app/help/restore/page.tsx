import { HelpPage, Section } from "@/components/help/article";
import { LOSSY_FIELDS } from "@/lib/planner/canonical";

export const metadata = { title: "What can be restored" };

const EXACT = [
  "The title of the plan (in place) and the names of the 25 labels",
  "Buckets, their names and their order",
  "Title, progress, priority, start and due date of tasks",
  "Labels and assignees of tasks, in order",
  "Notes, checklists with ticks and order, and what shows on the card",
  "Attachments: names, types and order; stored files byte for byte, at a new address",
  "The order of tasks in the list and on the three boards",
];

export default function RestoreHelpPage() {
  return (
    <HelpPage path="/help/restore" title="What can be restored" intro="The preview of a restore says the same for what you chose, with numbers, before anything is written; afterwards the plan is read back and compared.">
      <Section title="Exactly">
        <ul className="list-disc space-y-1 pl-5">{EXACT.map((what) => <li key={what}>{what}</li>)}</ul>
      </Section>
      <Section title="As text">
        <p>Comments. Microsoft lets nobody write in another name, so they come back quoted, with author and time, oldest first: as comments, as one comment, or in the notes; you choose.</p>
      </Section>
      <Section id="never" title="Not at all, and why">
        <p>Microsoft sets these by itself and gives no way to set them. They stay readable in the snapshot.</p>
        <dl className="divide-y divide-line rounded-lg border border-line bg-surface">
          {LOSSY_FIELDS.map(({ field, why }) => (
            <div key={field} className="px-4 py-2.5"><dt className="font-mono text-[0.8125rem] [overflow-wrap:anywhere]">{field}</dt><dd className="text-muted">{why}</dd></div>
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

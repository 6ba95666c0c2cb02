import { HelpPage, MoreAbout, Section } from "@/components/help/article";
import { TOPICS } from "@/components/help/topics";

export const metadata = { title: "Help" };

export default function HelpStartPage() {
  return (
    <HelpPage path="/help" title="Questions and answers" intro="What people ask before and after their first backup.">
      <ul className="mt-6 divide-y divide-line rounded-lg border border-line bg-surface">
        {TOPICS.filter(({ path }) => path !== "/help").map(({ path, title, question }) => <li key={path} className="px-4 py-2.5"><MoreAbout href={path}>{title}</MoreAbout><span className="block text-muted">{question}</span></li>)}
      </ul>
      <Section id="plan-missing" title="Why is my plan not in the list?">
        <p>The connection account is not a member of the plan’s group, or the plan is of a kind that Microsoft opens to no application: premium plans (Project for the web) and plans without a group. Groups that cannot be reached are listed with the reason and what to do. <MoreAbout href="/help/account#membership">Membership</MoreAbout></p>
      </Section>
      <Section id="partial" title="A snapshot is partial. Is it lost?">
        <p>No. Everything that could be read is in it, and can be looked at and restored. What is missing is listed at the top of the snapshot, each thing with its reason; most often a file for which the account has no permission.</p>
      </Section>
      <Section id="cannot-back-up" title="What cannot be backed up by anyone?">
        <p>What has no content to copy, such as a link to a web page: the link is kept, the page is not. It does not make a snapshot partial.</p>
      </Section>
      <Section id="gone" title="The plan or its group was deleted. What now?">
        <p>Open any of its snapshots: they need nothing of Microsoft 365. Restore into a new plan, into another group, or into a new group that is made for it.</p>
      </Section>
      <Section id="when" title="When did this task disappear?">
        <p>Search for it at the top of any page. A hit says in which snapshot it was last seen and by when it was gone, opens it there, and offers the restore.</p>
      </Section>
      <Section id="notice" title="Will my colleagues notice a backup or a restore?">
        <p>A backup only reads. A restore can send messages that Microsoft sends by itself: to people who are assigned, and for comments that are posted again. The preview estimates who gets one and how to avoid it.</p>
      </Section>
      <Section id="undo" title="Can a restore be taken back?">
        <p>A restore in place captures the plan first, and its report offers the way back to what was there before.</p>
      </Section>
      <Section id="who-reads" title="Who can read our backups?">
        <p>Members of your workspace, by their role. Content and names are sealed with keys of your workspace before they are stored. Every opening of content is written to the activity log, which can be checked for changes.</p>
      </Section>
      <Section id="leave" title="How do we get everything out?">
        <p>Each snapshot can be saved as Excel, CSV, JSON, calendar or a ZIP with all files. The format in which backups are stored is documented with the source of Planback.</p>
      </Section>
    </HelpPage>
  );
}

import { HelpPage, Section } from "@/components/help/article";
import { REQUIREMENT_HELP } from "@/components/help/requirements";

export const metadata = { title: "The connection account" };

const PURPOSES = { backup: "Backup", restore: "Restore" };

export default function AccountHelpPage() {
  return (
    <HelpPage path="/help/account" title="The connection account" intro="Planback reads and writes as one ordinary account of your organization, and sees no more than that account sees. The page of a connection checks each of these by itself and shows what it found.">
      {REQUIREMENT_HELP.map(({ name, title, purposes, why, how, without }) => (
        <Section key={name} id={name} title={title}>
          <p className="text-[0.8125rem] text-muted">For {purposes.map((purpose) => PURPOSES[purpose]).join(" and ")}</p>
          <p>{why}</p>
          <p><strong className="font-medium">How: </strong>{how}</p>
          <p><strong className="font-medium">Without it: </strong>{without}</p>
        </Section>
      ))}
      <Section title="What it does not need">
        <p>No administrator role, no access to anybody’s mailbox, no licence for Planner beyond what your colleagues have. A backup never writes; the permission to write is asked for when somebody restores, and erased after eight hours, unless you put restore drills on a schedule.</p>
      </Section>
    </HelpPage>
  );
}

import { Permissions, PURPOSE_NAMES } from "@/components/consent/permissions";
import { HelpPage, Section } from "@/components/help/article";
import { config } from "@/lib/config";
import { explainPermissions } from "@/lib/identity";

export const metadata = { title: "Permissions" };

export default function PermissionsHelpPage() {
  return (
    <HelpPage path="/help/permissions" title="Permissions" intro="All permissions are delegated: they act on behalf of the connection account, so Planback opens what that account could open itself, and nothing else. “All” in a name means all that the account may see, not all there is.">
      {(["backup", "restore"] as const).map((purpose) => (
        <Section key={purpose} id={purpose} title={`For ${PURPOSE_NAMES[purpose]}`}>
          <Permissions permissions={explainPermissions(config(), purpose)} />
        </Section>
      ))}
      <Section title="Where the tokens are">
        <p>Sealed in the database of this installation with a key of your workspace, apart from the backups. Those that can write are erased after eight hours, or stay for as long as restore drills run on a schedule.</p>
      </Section>
      <Section title="How to take a permission back">
        <p>An administrator opens the Microsoft Entra admin center (entra.microsoft.com): Enterprise applications, Planback, Permissions, Review permissions; or Properties, Delete. Snapshots that exist stay readable. There, Properties, Assignment required also limits who may sign in to Planback.</p>
      </Section>
    </HelpPage>
  );
}

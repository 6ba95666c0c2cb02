import { Permissions, PURPOSE_NAMES } from "@/components/consent/permissions";
import { HelpPage, MoreAbout, Section } from "@/components/help/article";
import { config } from "@/lib/config";
import { explainPermissions } from "@/lib/identity";

export const metadata = { title: "Permissions" };

export default function PermissionsHelpPage() {
  return (
    <HelpPage path="/help/permissions" title="Permissions" intro="The permissions for Backup and Restore are delegated: they act on behalf of the connection account, so Planback opens what that account could open itself, and nothing else. “All” in a name means all that the account may see, not all there is. App-only backup is the exception, and is granted apart.">
      {(["backup", "restore"] as const).map((purpose) => (
        <Section key={purpose} id={purpose} title={`For ${PURPOSE_NAMES[purpose]}`}>
          <Permissions permissions={explainPermissions(config(), purpose)} />
        </Section>
      ))}
      <Section id="app_only" title={`For ${PURPOSE_NAMES.app_only}`}>
        <p>Application permissions act without anybody signed in, at any time. Here “All” means all there is. None of them can change anything, and Planback asks for no permission to write this way. <MoreAbout href="/help/app-only">Account or app-only</MoreAbout></p>
        <Permissions permissions={explainPermissions(config(), "app_only")} />
      </Section>
      <Section title="Where the tokens are">
        <p>Sealed in the database of this installation with a key of your workspace, apart from the backups. Those that can write are erased after eight hours, or stay for as long as restore drills run on a schedule. Tokens of app-only backups are never stored: they live for about an hour in the memory of the process that asked for them.</p>
      </Section>
      <Section title="How to take a permission back">
        <p>An administrator opens the Microsoft Entra admin center (entra.microsoft.com): Enterprise applications, Planback, Permissions, Review permissions; or Properties, Delete. Snapshots that exist stay readable. There, Properties, Assignment required also limits who may sign in to Planback.</p>
      </Section>
    </HelpPage>
  );
}

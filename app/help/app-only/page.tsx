import { WayFacts, WAYS } from "@/components/connection/ways";
import { APP_GRANTING_ROLES } from "@/components/consent/permissions";
import { HelpPage, MoreAbout, Section } from "@/components/help/article";

export const metadata = { title: "Account or app-only" };

export default function AppOnlyHelpPage() {
  return (
    <HelpPage path="/help/app-only" title="Account or app-only" intro="Planback can read as an account that signs in, or as an application that needs nobody. The first sees what the account sees; the second sees every plan of the Microsoft tenant.">
      {(["account", "app_only"] as const).map((way) => (
        <Section key={way} id={way} title={WAYS[way].title}>
          <p>{WAYS[way].sentence}</p>
          <WayFacts way={way} />
        </Section>
      ))}
      <Section id="which" title="Which one?">
        <p>For some groups, or where one account may be added to all of them: an account. It is the smaller promise, and it can restore.</p>
        <p>For every plan of an organization, or where nobody wants to keep memberships up to date: app-only, and an account besides it on the day that something must be restored. A policy takes new plans of its groups by itself; new groups are seen at the next check, and are then chosen in a policy.</p>
      </Section>
      <Section id="why-certificate" title="Why is there a certificate?">
        <p>Nobody types a password, so the installation must prove to Microsoft that it is Planback. It signs each request for a token with a private key that never leaves it. A secret could be copied from a screen; Planback takes none for this. The checks of the connection say when the certificate ends.</p>
      </Section>
      <Section id="who-consents" title="Why must the administrator sign in twice?">
        <p>Microsoft’s consent is to the application, not to a workspace. So that nobody else in this installation can use it, a {APP_GRANTING_ROLES} of your Microsoft tenant proves with a second visit, most often without typing anything, that it is meant for this workspace.</p>
        <p>If the consent is taken back and given again, that proof is asked for again.</p>
      </Section>
      <Section id="comments" title="What about comments?">
        <p>Comments are read and kept. To post them again Microsoft asks for a signed-in account with an Exchange Online licence, so the restore of a snapshot with comments names the account that writes them. They can also be put into the notes of tasks.</p>
      </Section>
      <Section id="see" title="Who sees all these plans?">
        <p>Members of the workspace by their role. Owners and admins can limit a member to some groups; search, snapshots, exports and restores then know no others.</p>
        <p><MoreAbout href="/help/permissions#app_only">The permissions, one by one</MoreAbout></p>
      </Section>
    </HelpPage>
  );
}

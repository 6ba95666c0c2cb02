import { GRANTING_ROLES } from "@/components/consent/permissions";
import { HelpPage, MoreAbout, Section } from "@/components/help/article";

export const metadata = { title: "Need admin approval" };

export default function ApprovalHelpPage() {
  return (
    <HelpPage path="/help/approval" title="“Need admin approval”" intro="Microsoft shows this when an account may not grant consent for the whole organization. Nothing went wrong, and nothing was granted.">
      <Section title="Who can grant it">
        <p>A {GRANTING_ROLES}. It does not have to be a Global Administrator. If your organization has limited these roles further, a Global Administrator can.</p>
      </Section>
      <Section title="Three ways on">
        <ol className="list-decimal space-y-3 pl-5">
          <li><strong className="font-medium">Send a link.</strong> On the Consent page of your workspace choose “Make a link for an administrator”. It opens without an account here, says who asks, for what and why, and is valid for a limited time. Your page goes on by itself when consent is granted.</li>
          <li><strong className="font-medium">Request approval.</strong> When Microsoft’s page offers it, write a short reason there. Reviewers get an e-mail, and their requests expire.</li>
          <li><strong className="font-medium">In the admin center.</strong> An administrator opens entra.microsoft.com: Enterprise applications, All applications, Planback, Security, Permissions, Grant admin consent. Afterwards choose Grant consent in Planback, which proves it.</li>
        </ol>
      </Section>
      <Section title="What the administrator sees">
        <p>Microsoft’s page lists the same permissions that Planback explains before. It shows “unverified” unless the operator of this installation has verified its publisher with Microsoft: compare the application id on the link’s page with the one in the address. <MoreAbout href="/help/permissions">Each permission explained</MoreAbout></p>
      </Section>
      <Section title="It was declined, or ended somewhere else">
        <p>Nothing was granted. The same link can be used again until it expires. When the administrator was signed in to another Microsoft tenant, Planback says which one, and nothing counts for the wrong one.</p>
      </Section>
    </HelpPage>
  );
}

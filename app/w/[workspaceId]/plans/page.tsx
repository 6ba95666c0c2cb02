import Link from "next/link";
import { ListChecks } from "lucide-react";
import { packPlans } from "@/components/board/plan-rows";
import { PlanTable } from "@/components/board/plan-table";
import { Button } from "@/components/ui/button";
import { Empty } from "@/components/ui/empty";
import { PageHeader } from "@/components/ui/page-header";
import { listPlans } from "@/lib/workspaces";
import { load } from "../../../load";
import { pageContext } from "../../../page-context";

export const metadata = { title: "Plans" };

export default async function PlansPage({ params }: { params: Promise<{ workspaceId: string }> }) {
  const { actor, workspace, base } = await pageContext(params);
  const plans = await load(() => listPlans(actor, workspace.id));
  return (
    <>
      <PageHeader title="Plans">What is protected, and since when. Plans that are gone in Microsoft 365 stay here with their snapshots.{workspace.isLimited ? " You see the plans of some groups: those that an owner or admin has chosen for you." : ""}</PageHeader>
      {plans.length === 0 ? (
        <Empty icon={ListChecks} title={workspace.isLimited ? "No plan of your groups has been backed up yet" : "No plan has been backed up yet"} action={<Button asChild variant="primary"><Link href={`${base}/policies`}>Open policies</Link></Button>}>Choose plans in a policy and start the first backup.</Empty>
      ) : <PlanTable packed={packPlans(plans)} base={base} />}
    </>
  );
}

import { PublicFrame } from "@/components/shell/public-frame";
import { WorkspaceList } from "@/components/shell/workspace-list";
import { Erasures } from "@/components/shell/deletion";
import { CreateWorkspaceForm } from "@/components/shell/create-workspace";
import { listErasures, listWorkspaces } from "@/lib/workspaces";
import { load } from "../load";
import { requireActor } from "../session";
import { createWorkspaceAction } from "./actions";

export const metadata = { title: "Welcome" };

export default async function WelcomePage() {
  const actor = await requireActor();
  const [workspaces, erasures] = await load(() => Promise.all([listWorkspaces(actor), listErasures(actor)]));
  const domain = actor.username.split("@")[1]?.split(".")[0] ?? "";
  const suggestion = domain ? domain[0]!.toUpperCase() + domain.slice(1) : "";
  return (
    <PublicFrame>
      <h1 className="text-2xl font-semibold tracking-tight">{workspaces.length === 0 ? `Welcome, ${actor.name}` : "New workspace"}</h1>
      <p className="mt-2 text-muted">A workspace holds the backups of one organization. Its data is sealed with its own keys; only people you invite can see it. You can connect several Microsoft tenants to it.</p>
      <CreateWorkspaceForm action={createWorkspaceAction} suggestion={workspaces.length === 0 ? suggestion : ""} />
      {workspaces.length > 0 ? (
        <section className="mt-10" aria-labelledby="yours">
          <h2 id="yours" className="font-semibold">Or open one of yours</h2>
          <WorkspaceList workspaces={workspaces} />
        </section>
      ) : (
        <p className="mt-8 text-muted">Were you invited? Open the invitation link again: being in the same Microsoft tenant gives no access by itself.</p>
      )}
      <Erasures erasures={erasures} />
    </PublicFrame>
  );
}

import { CircleCheck, CircleX, TriangleAlert } from "lucide-react";
import { durationText } from "@/components/operator/duration";
import { OperatorTable } from "@/components/operator/table";
import { PublicFrame } from "@/components/shell/public-frame";
import { Badge } from "@/components/ui/badge";
import { PageHeader } from "@/components/ui/page-header";
import { bytesText, plural } from "@/components/ui/text";
import { Time } from "@/components/ui/time";
import { getInstallation } from "@/lib/workspaces";
import type { InstallationView } from "@/lib/workspaces/types";
import { load } from "../load";
import { requireActor } from "../session";

export const metadata = { title: "Installation" };

/** How the installation is, for those who run it. It knows counts, ids and codes; names and content of customers it does not know. */
export default async function OperatorPage() {
  const actor = await requireActor();
  const { at, queues, failures, throttled, processes, schema, storage, copies } = await load(() => getInstallation(actor));
  const busy = queues.filter(({ waiting, later, active }) => waiting + later + active > 0);
  return (
    <PublicFrame wide>
      <PageHeader title="Installation">As of <Time value={at} />. Counts and ids only: this page cannot show what customers wrote, nor what they are called.</PageHeader>
      <div className="space-y-6">
        <OperatorTable id="processes" title="Processes" columns={PROCESS} rows={processes} keyOf={({ id }) => id} none="No process has been seen within the last day.">
          <p className="flex flex-wrap items-center gap-2">{plural(processes.filter(({ alive, kind }) => alive && kind === "web").length, "web process", "web processes")} and {plural(processes.filter(({ alive, kind }) => alive && kind === "worker").length, "worker process", "worker processes")} alive. <Schema schema={schema} /></p>
        </OperatorTable>
        <OperatorTable id="queues" title="Queues" columns={QUEUE} rows={busy} keyOf={({ queue }) => queue} none={`All ${queues.length} queues are empty.`} />
        <OperatorTable id="throttled" title="Microsoft tenants throttled now" columns={THROTTLED} rows={throttled} keyOf={({ tid, service }) => `${tid} ${service}`} none="None." />
        <OperatorTable id="copies" title="Nightly copies that are late or fail" columns={COPY} rows={copies} keyOf={({ workspaceId }) => workspaceId} none="None: the rows of every workspace were copied into its storage within the last two nights.">
          Should the database be lost, a workspace that is listed here comes back without what happened since its last copy. The log of the workers says what stopped it; mend that, and the next attempt follows within minutes (docs/operations.md, “A nightly copy is late”).
        </OperatorTable>
        <OperatorTable id="failures" title="Failures of the last 24 hours" columns={FAILURE} rows={failures} keyOf={({ kind, detail }) => `${kind} ${detail}`} none="None." />
        <OperatorTable id="storage" title="Storage by workspace" columns={STORAGE} rows={storage} keyOf={({ workspaceId }) => workspaceId} none="Nothing is stored yet.">The 200 that use most: what backups added, less what cleaning gave back.</OperatorTable>
      </div>
    </PublicFrame>
  );
}

function Schema({ schema: { applied, wanted } }: Pick<InstallationView, "schema">) {
  return applied === wanted
    ? <Badge tone="ok" icon={<CircleCheck aria-hidden />}>Database {applied}</Badge>
    : <Badge tone="danger" icon={<TriangleAlert aria-hidden />}>Database {applied ?? "unknown"}, this version needs {wanted}</Badge>;
}

const PROCESS = [
  { name: "Process", cell: ({ kind, host }: InstallationView["processes"][number]) => `${kind} on ${host}` },
  { name: "State", cell: ({ alive }: InstallationView["processes"][number]) => alive ? <Badge tone="ok" icon={<CircleCheck aria-hidden />}>Alive</Badge> : <Badge tone="warn" icon={<CircleX aria-hidden />}>Gone</Badge> },
  { name: "Version", cell: ({ version }: InstallationView["processes"][number]) => version },
  { name: "Started", cell: ({ startedAt }: InstallationView["processes"][number]) => <Time value={startedAt} /> },
  { name: "Last seen", cell: ({ seenAt }: InstallationView["processes"][number]) => <Time value={seenAt} /> },
];

const QUEUE = [
  { name: "Queue", cell: ({ queue }: InstallationView["queues"][number]) => queue },
  { name: "Waiting", isNumber: true, cell: ({ waiting }: InstallationView["queues"][number]) => waiting.toLocaleString("en") },
  { name: "Oldest waits for", isNumber: true, cell: ({ oldestSeconds }: InstallationView["queues"][number]) => oldestSeconds === null ? "–" : durationText(oldestSeconds) },
  { name: "Running", isNumber: true, cell: ({ active }: InstallationView["queues"][number]) => active.toLocaleString("en") },
  { name: "Due later", isNumber: true, cell: ({ later }: InstallationView["queues"][number]) => later.toLocaleString("en") },
];

const THROTTLED = [
  { name: "Microsoft tenant", cell: ({ tid }: InstallationView["throttled"][number]) => tid },
  { name: "Service", cell: ({ service }: InstallationView["throttled"][number]) => service },
  { name: "Until", cell: ({ until }: InstallationView["throttled"][number]) => <Time value={until} /> },
];

const COPY = [
  { name: "Workspace", cell: ({ workspaceId }: InstallationView["copies"][number]) => workspaceId },
  { name: "State", cell: ({ isLate }: InstallationView["copies"][number]) => <Badge tone={isLate ? "danger" : "warn"} icon={<TriangleAlert aria-hidden />}>{isLate ? "Late" : "Fails"}</Badge> },
  { name: "Last copy", cell: ({ copiedAt }: InstallationView["copies"][number]) => copiedAt === null ? "None here yet" : <Time value={copiedAt} /> },
  { name: "Stopped by", cell: ({ problem }: InstallationView["copies"][number]) => problem?.replaceAll("_", " ") ?? "No attempt was made" },
];

const FAILURE = [
  { name: "What", cell: ({ kind }: InstallationView["failures"][number]) => kind },
  { name: "How", cell: ({ detail }: InstallationView["failures"][number]) => detail.replaceAll("_", " ") },
  { name: "Times", isNumber: true, cell: ({ count }: InstallationView["failures"][number]) => count.toLocaleString("en") },
];

const STORAGE = [
  { name: "Workspace", cell: ({ workspaceId }: InstallationView["storage"][number]) => workspaceId },
  { name: "Plans", isNumber: true, cell: ({ plans }: InstallationView["storage"][number]) => plans.toLocaleString("en") },
  { name: "Snapshots", isNumber: true, cell: ({ snapshots }: InstallationView["storage"][number]) => snapshots.toLocaleString("en") },
  { name: "Stored", isNumber: true, cell: ({ bytes }: InstallationView["storage"][number]) => bytesText(bytes) },
];

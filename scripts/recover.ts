/**
 * Planback after its database was lost (docs/recovery.md). With the configuration of web and worker, and an empty database:
 *   npm run recover -- list                         what lies in the storage
 *   npm run recover -- dump                         from the nightly copies, then what the storage has since
 *   npm run recover -- manifests                    from the snapshots alone: owners, plans, snapshots
 * --workspace ID (may be repeated) takes some workspaces only.
 */
import { parseArgs } from "node:util";
import { config } from "@/lib/config";
import { closeDatabase } from "@/lib/db";
import { closeQueue } from "@/lib/db/queue";
import { PlanbackError } from "@/lib/errors";
import { driftOf } from "@/lib/jobs/drift";
import { findStored, recover } from "@/lib/workspaces/recovery";
import { installationStore } from "@/lib/workspaces/repository";

const { values, positionals: [command] } = parseArgs({ allowPositionals: true, options: { workspace: { type: "string", multiple: true } } });

try {
  if (command !== "list" && command !== "dump" && command !== "manifests") throw new PlanbackError("invalid_input", "Say what to do: list, dump or manifests. docs/recovery.md explains each.");
  const store = installationStore();
  const stored = (await findStored(store)).filter(({ workspaceId }) => !values.workspace || values.workspace.includes(workspaceId));
  for (const { workspaceId, kits, dumps, manifests } of stored) {
    console.log(`${workspaceId}  ${kits.length > 0 ? "kit" : "NO KIT"}, ${manifests} snapshots, ${dumps.length > 0 ? `${dumps.length} copies of its rows, the newest ${dumps.at(-1)}` : "no copy of its rows"}`);
  }
  if (command !== "list") {
    // A workspace without a kit was deleted, or its kit was lost: nothing of it opens.
    const workspaces = stored.filter(({ kits }) => kits.length > 0);
    const done = await recover({ store, adminUrl: config().databaseUrl, workspaces, from: command, driftOf, signal: new AbortController().signal, tell: console.log });
    console.log(`${done.length} workspaces were recovered. Start web and worker; docs/recovery.md says what to do next.`);
  }
} catch (error) {
  console.error(error instanceof PlanbackError ? error.message : error);
  process.exitCode = 1;
} finally {
  await closeQueue();
  await closeDatabase();
}

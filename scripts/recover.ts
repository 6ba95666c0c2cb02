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
import { installationPlaces } from "@/lib/workspaces/places";
import { findStored, recover, type Recovered, type Stored } from "@/lib/workspaces/recovery";

const { values, positionals: [command] } = parseArgs({ allowPositionals: true, options: { workspace: { type: "string", multiple: true } } });

try {
  if (command !== "list" && command !== "dump" && command !== "manifests") throw new PlanbackError("invalid_input", "Say what to do: list, dump or manifests. docs/recovery.md explains each.");
  const places = await Promise.all((await installationPlaces()).map(async (one) => ({ ...one, stored: await findStored(one.store) })));
  // A workspace that was moved lies in two storages for a while: where its newest copy is, it is.
  const newest = (workspaceId: string) => {
    const found = places.flatMap(({ stored }) => stored.filter((one) => one.workspaceId === workspaceId));
    return found.sort((a, b) => rank(b).localeCompare(rank(a)))[0];
  };
  const rank = ({ dumps, manifests, kits }: Stored) => `${kits.length > 0 ? 1 : 0} ${dumps.at(-1) ?? ""} ${String(manifests).padStart(12, "0")}`;
  const done: Recovered[] = [];
  for (const { place, store, stored } of places) {
    const mine = stored.filter((one) => (!values.workspace || values.workspace.includes(one.workspaceId)) && newest(one.workspaceId) === one);
    for (const { workspaceId, kits, dumps, manifests } of mine) {
      console.log(`${workspaceId}  ${kits.length > 0 ? "kit" : "NO KIT"}, ${manifests} snapshots, ${dumps.length > 0 ? `${dumps.length} copies of its rows, the newest ${dumps.at(-1)}` : "no copy of its rows"}${places.length > 1 ? ` (in ${place})` : ""}`);
    }
    if (command === "list") continue;
    // A workspace without a kit was deleted, or its kit was lost: nothing of it opens.
    const workspaces = mine.filter(({ kits }) => kits.length > 0);
    done.push(...(await recover({ store, place, adminUrl: config().databaseUrl, workspaces, from: command, driftOf, signal: new AbortController().signal, tell: console.log })));
  }
  if (command !== "list") console.log(`${done.length} workspaces were recovered. Start web and worker; docs/recovery.md says what to do next.`);
} catch (error) {
  console.error(error instanceof PlanbackError ? error.message : error);
  process.exitCode = 1;
} finally {
  await closeQueue();
  await closeDatabase();
}

/** One protection of the product, and the tests that hold it. */
export interface Mutant {
  /** What is missing in this mutant. */
  name: string;
  file: string;
  /** Text that stands exactly once in the file. */
  remove: string;
  put: string;
  /** Test files that must notice. They are green without the mutant, as the whole run shows. */
  tests: string[];
  /** Only tests with such a name are run, to be quick. */
  only: string;
  /** Default unit. */
  project?: "unit" | "integration";
}

const EXECUTE = "lib/restore/execute.test.ts";
const CAPTURE = "lib/backup/capture.test.ts";

export const MUTANTS: readonly Mutant[] = [
  {
    name: "the associated data of a sealed value",
    file: "lib/repository/header.ts", remove: "for (const text of aad) {", put: "for (const text of [] as string[]) {",
    tests: ["lib/repository/seal.test.ts"], only: "refuses every other place",
  },
  {
    name: "the id of a segment out of a bundle",
    file: "lib/repository/bundles.ts", remove: 'if (objects.id("segment", segment) !== entry.id) return alone;', put: "",
    tests: ["lib/repository/bundles.test.ts"], only: "puts one segment in the place",
  },
  {
    name: "the place that a wrapped key is for",
    file: "lib/repository/seal.ts", remove: '["planback/key", workspaceId, purpose, String(version)]', put: '["planback/key", `${workspaceId} ${purpose} ${version}`.slice(0, 0)]',
    tests: ["lib/keys/keys.test.ts"], only: "open for no other workspace",
  },
  {
    name: "the encryption context of AWS KMS",
    file: "lib/keys/awsKms.ts", remove: 'return { product: "planback", workspaceId, purpose, version: String(version) };', put: 'return { product: "planback", length: String(`${workspaceId}${purpose}${version}`.length > 0) };',
    tests: ["lib/keys/keys.test.ts"], only: "unwraps for no other workspace",
  },
  {
    name: "the look for keys that came after a repository was opened",
    file: "lib/repository/objects.ts", remove: "missed.has(version) || !keys.newerContentKeys)", put: "missed.has(version) || keys)",
    project: "integration", tests: ["lib/jobs/keys.integration.test.ts"], only: "open for whoever read them before",
  },
  {
    name: "the kit before keys are used",
    file: "lib/workspaces/keyRotation.ts", remove: "await writeKit(tx, me.workspaceId);", put: "void writeKit;",
    project: "integration", tests: ["lib/jobs/keys.integration.test.ts"], only: "cannot be laid beside the snapshots",
  },
  {
    name: "the end of kit and copies with the keys",
    file: "lib/workspaces/erase.ts", remove: "for (const what of [KIT, DUMP]) await", put: "for (const what of [KIT, DUMP].slice(2)) await",
    project: "integration", tests: ["lib/jobs/keys.integration.test.ts"], only: "go at once when the keys",
  },
  {
    name: "the refusal to serve without a key that rows need",
    file: "lib/workspaces/rewrap.ts", remove: "if (missing.length > 0) throw missingKeys(missing);", put: "void missing;",
    project: "integration", tests: ["lib/jobs/keys.integration.test.ts"], only: "is missed before anything is served",
  },
  {
    name: "the wait for the keys",
    file: "lib/jobs/index.ts", remove: 'if (!isPlanbackError(error, "keys_unavailable") || signal.aborted) throw error;', put: "throw error;",
    project: "integration", tests: ["lib/jobs/keys.integration.test.ts"], only: "a job waits for the service",
  },
  {
    name: "the name of a copy in its seal",
    file: "lib/workspaces/dump.ts", remove: '["planback/dump", workspaceId, name]', put: '["planback/dump", workspaceId, name.slice(0, 0)]',
    project: "integration", tests: ["lib/jobs/keys.integration.test.ts"], only: "altered, cut or moved",
  },
  {
    name: "the end of restores whose journal may be older than they are",
    file: "lib/workspaces/recovery.ts", remove: "UPDATE restore SET started_at = NULL, lease_owner = NULL", put: "UPDATE restore SET lease_owner = NULL",
    project: "integration", tests: ["lib/jobs/keys.integration.test.ts"], only: "brings every row back",
  },
  {
    name: "the length of the tag",
    file: "lib/repository/seal.ts", remove: 'if (sealed.length < HEADER_BYTES + TAG_BYTES) throw damaged("altered", "too short");\n  const tagAt = sealed.length - TAG_BYTES;', put: "const tagAt = Math.max(HEADER_BYTES, sealed.length - 4);",
    tests: ["lib/repository/seal.test.ts"], only: "opens to what was sealed|refuses a short tag",
  },
  {
    name: "the last frame's flag",
    file: "lib/repository/frames.ts", remove: "frameContext(context, index, last));\n      const sealed", put: "frameContext(context, index, false));\n      const sealed",
    tests: ["lib/repository/frames.test.ts"], only: "open to what was sealed|refuse a cut",
  },
  {
    name: "the key of the workspace in an object's id",
    file: "lib/repository/objects.ts", remove: 'createHmac("sha256", indexKey)', put: 'createHmac("sha256", "")',
    tests: ["lib/repository/repository.test.ts"], only: "different ids and bytes in two workspaces",
  },
  {
    name: "the manifest after everything it needs",
    file: "lib/repository/objects.ts", remove: "newBytes: (await store.put(key, sealed)) ? sealed.length : 0", put: 'newBytes: type === "manifest" ? (await store.put(key, sealed), sealed.length) : (setTimeout(() => void store.put(key, sealed), 5), sealed.length)',
    tests: ["lib/repository/failpoints.test.ts"], only: "at its Nth storage operation",
  },
  {
    name: "the journal's entry before a request",
    file: "lib/restore/execute.ts", remove: "await journal.begin(operation.seq);", put: "void journal.begin(operation.seq).catch(() => undefined);",
    tests: [EXECUTE], only: "killed at any request|lease was taken",
  },
  {
    name: "the settle time before a second try",
    file: "lib/restore/execute.ts", remove: "(this.input.settleMs ?? 120_000)", put: "0",
    tests: [EXECUTE], only: "any write answered badly|killed at any request",
  },
  {
    name: "the look for a create whose outcome is unknown",
    file: "lib/restore/send.ts", remove: "export const isCreate = (operation: Operation): boolean => CREATES.has(operation.kind);", put: "export const isCreate = (operation: Operation): boolean => CREATES.has(operation.kind) && operation.seq < 0;",
    tests: [EXECUTE], only: "any write answered badly",
  },
  {
    name: "the second listing before a create is sent again",
    file: "lib/restore/execute.ts", remove: "for (const operation of await this.adopt(first)) {", put: "for (const operation of first) {",
    tests: [EXECUTE], only: "any write answered badly",
  },
  {
    name: "the fence of a lease that was lost",
    file: "lib/restore/journal.ts", remove: "if (this.rows.epoch !== this.epoch) throw", put: "if (this.rows.epoch < 0) throw",
    tests: [EXECUTE], only: "lease was taken",
  },
  {
    name: "the look whether the plan is still there",
    file: "lib/restore/execute.ts", remove: 'if (isPlanbackError(error, "graph_not_found", "graph_forbidden")) this.checkTarget();', put: "",
    tests: ["lib/restore/survival.test.ts"], only: "in mid-run ends the restore soon",
  },
  {
    name: "the guard of requests that could outlive the lease",
    file: "lib/jobs/lease.ts", remove: "if (Date.now() <= lease.renewedAt + lease.seconds * 1000 - times.requestMs) return", put: "if (Date.now() > times.requestMs) return",
    tests: ["lib/jobs/journal.integration.test.ts"], only: "could outlive the lease", project: "integration",
  },
  {
    name: "the sweep of late requests",
    file: "lib/restore/sweep.ts", remove: "const outcome = allowed ?", put: "const outcome = allowed && kind === undefined ?",
    tests: [EXECUTE], only: "swept away",
  },
  {
    name: "If-Match with the etag of the preview",
    file: "lib/restore/send.ts", remove: "operation.ifMatch === undefined ? patchNow", put: "operation.ifMatch !== null ? patchNow",
    tests: [EXECUTE], only: "never overwrites",
  },
  {
    name: "the comparison of what comes out of the archive",
    file: "lib/restore/send.ts", remove: "if (was && !isStill(seen, was)) return", put: "if (was && operation.seq < 0) return",
    tests: ["lib/restore/survival.test.ts"], only: "a plan in the archive",
  },
  {
    name: "the comparison of what is changed a second time",
    file: "lib/restore/plan/revert.ts", remove: 'asSeen(live, live.etags.tasks[wanted.id], now.task, ["recurrence"], earlier.length > 0)', put: "(earlier.length === 0 ? { ifMatch: live.etags.tasks[wanted.id] } : {})",
    tests: ["lib/restore/edits.test.ts"], only: "changed a second time",
  },
  {
    name: "the turns of restores into one plan",
    file: "lib/jobs/turn.ts", remove: "if (row.drillOf !== null) return true;", put: "if (row.drillOf !== undefined) return true;",
    tests: ["lib/jobs/turn.integration.test.ts"], only: "one restore at a time", project: "integration",
  },
  {
    name: "the claim of one object by one restore",
    file: "lib/jobs/journal.ts", remove: "where: { workspaceId, remoteId: { in: [...ids.keys()] } }", put: "where: { workspaceId, restoreId, remoteId: { in: [...ids.keys()] } }",
    tests: ["lib/jobs/journal.integration.test.ts"], only: "nobody else's", project: "integration",
  },
  {
    name: "the look whether somebody has edited what was just made",
    file: "lib/restore/send.ts", remove: "if (on && !asCreated(kind, seen, body)) return", put: "if (on && attempts < 0) return",
    tests: ["lib/restore/edits.test.ts"], only: "a worker dies anywhere",
  },
  {
    name: "the sign that an earlier change of ours was applied",
    file: "lib/restore/send.ts", remove: "attempts > 0 && isWritten(seen, least)", put: "attempts < 0",
    tests: ["lib/restore/edits.test.ts"], only: "an own change without an answer",
  },
  {
    name: "the look into the archive before a restore goes on",
    file: "lib/restore/execute.ts", remove: "await this.openArchive();", put: "",
    tests: ["lib/restore/resume.test.ts"], only: "is left there, and nothing is written",
  },
  {
    name: "the look for a task that was sent without somebody who has joined since",
    file: "lib/restore/reconcile.ts", remove: "if (joining.length === 0) return found;", put: "return found;",
    tests: ["lib/restore/resume.test.ts"], only: "while all that is refused",
  },
  {
    name: "the claim of one object by one intent",
    file: "lib/restore/reconcile.ts", remove: "possible.filter(({ id }) => !claimed.has(String(id)))", put: "possible",
    tests: [EXECUTE], only: "any write answered badly|killed at any request",
  },
  {
    name: "the floor of Retry-After",
    file: "lib/graph/retryAfter.ts", remove: "return Math.max(asked + jitter, attempt > BELIEVED ? backoff(attempt - BELIEVED, random) : 0);", put: "return backoff(attempt, random);",
    tests: ["lib/graph/retryAfter.test.ts", "lib/graph/throttling.test.ts"], only: "never shorter|nobody sends before",
  },
  {
    name: "the unknown outcome of a 504",
    file: "lib/graph/http.ts", remove: 'return { kind: "unknown", error: unknownOutcome({ ...error.facts }) };', put: 'return { kind: "not_applied", error };',
    tests: ["lib/graph/outcomes.test.ts"], only: "",
  },
  {
    name: "the refusal to send a create twice",
    file: "lib/graph/middleware.ts", remove: 'return call.repeat === "read" ? isPassing(outcome) : outcome === 429;', put: "return isPassing(outcome);",
    tests: ["lib/graph/outcomes.test.ts"], only: "",
  },
  {
    name: "what counts as stored while a workspace is moved",
    file: "lib/repository/moving-store.ts", remove: "(await to.has(key)) && from.has(key)", put: "from.has(key)",
    tests: ["lib/repository/moving-store.test.ts"], only: "counts as stored only what is in both",
  },
  {
    name: "the wait for jobs that store in the old place only",
    file: "lib/jobs/storeMove.ts", remove: "while (!(await withWorkspace(workspaceId, (tx) => isOver(tx, workspaceId, move.waits as unknown as Waits))))", put: "void isOver; if (signal.aborted)",
    project: "integration", tests: ["lib/jobs/storeMove.integration.test.ts"], only: "waits for jobs that store in the old place",
  },
  {
    name: "the host that a bearer token may go to",
    file: "lib/graph/middleware.ts", remove: "if (new URL(url).origin === CLOUD_FACTS[origins.cloud].graph) return dialled;", put: "if (url !== CLOUD_FACTS[origins.cloud].graph) return dialled;",
    tests: ["lib/graph/signIn.test.ts"], only: "pages",
  },
  {
    name: "the version of a file that is read in parts",
    file: "lib/graph/download.ts", remove: "if (isSame) return response;", put: "if (isSame || starts !== undefined) return response;",
    tests: ["lib/graph/files.test.ts"], only: "changes between two parts",
  },
  {
    name: "the hash of a file that was read",
    file: "lib/graph/download.ts", remove: "if (opened.source.hash !== null && opened.source.hash !== hash.digest()) throw notWhole();", put: "",
    tests: ["lib/graph/transfers.test.ts"], only: "changed without a new etag",
  },
  {
    name: "the hash of a file that was sent",
    file: "lib/graph/upload.ts", remove: "item.size === size && (stored === null || stored === hash.digest())", put: "item.size === size && stored !== undefined",
    tests: ["lib/graph/transfers.test.ts"], only: "stored wrong",
  },
  {
    name: "the judgement of a batch before its turn ends",
    file: "lib/graph/middleware.ts", remove: "if (call.batch && response.ok) return call.batch.judge(bodyOf(response), turn);", put: "if (call.batch && response.ok) { const { batch } = call; setImmediate(() => batch.judge(bodyOf(response), turn)); await new Promise((done) => setTimeout(done)); return; }",
    tests: ["lib/graph/throttling.test.ts"], only: "items of batches",
  },
  {
    name: "the equal shares of workspaces",
    file: "lib/graph/fairQueue.ts", remove: ".sort(([a], [b]) => shareOf(a) - shareOf(b))", put: ".filter(([party]) => shareOf(party) >= 0).slice(0, 1)",
    tests: ["lib/graph/governor.test.ts"], only: "at most double",
  },
  {
    name: "partial, when something is missing",
    file: "lib/backup/capture.ts", remove: "gaps.every((one) => one.permanent)", put: "gaps.every((one) => one.permanent || one.kind)",
    tests: [CAPTURE], only: "what cannot be read is named",
  },
  {
    name: "the list of what could not be read",
    file: "lib/backup/capture.ts", remove: "...behind.flatMap((reading) => reading.gaps),", put: "",
    tests: [CAPTURE], only: "what cannot be read is named",
  },
  {
    name: "the second look at a plan",
    file: "lib/backup/capture.ts", remove: "if (moved.size === 0) {", put: "if (moved.size >= 0) {",
    tests: [CAPTURE], only: "a plan that moves while it is read",
  },
  {
    name: "direct reads of what a task's own read showed and the second look did not find",
    file: "lib/backup/capture.ts", remove: "moved.has(task.id)), NOTHING)", put: "moved.has(task.id)), this.single)",
    tests: ["lib/backup/requests.test.ts"], only: "one task",
  },
  {
    name: "the link of an entry to the one before",
    file: "lib/workspaces/auditChain.ts", remove: 'if (!same(entry.prevHash, before)) return found({ kind: "unlinked", seq: entry.seq });', put: "void same(entry.prevHash, before);",
    tests: ["lib/workspaces/auditChain.test.ts"], only: "breaks the link",
  },
  {
    name: "the check of what a webhook's host resolves to",
    file: "lib/notify/post.ts", remove: "addresses.some(({ address }) => !allowed.includes(reachOf(address)))", put: "(void reachOf, false)",
    tests: ["lib/notify/webhook.test.ts"], only: "localhost is a private address",
  },
  {
    name: "the alert for a policy whose account was removed",
    file: "lib/workspaces/conditions.ts", remove: "(!enabled && !accountRemoved)", put: "!enabled",
    tests: ["lib/workspaces/conditions.test.ts"], only: "Standing still because the account was removed",
  },
  {
    name: "the newest complete snapshot that retention keeps",
    file: "lib/workspaces/retention.ts", remove: "position > lastComplete && ", put: "",
    tests: ["lib/workspaces/retention.test.ts"], only: "",
  },
  {
    name: "the pardon of what a backup finds condemned",
    file: "lib/repository/objects.ts", remove: "if (condemned?.has(id)) await condemned.pardon(type, id);", put: "",
    tests: ["lib/repository/prune.test.ts"], only: "what is condemned is pardoned",
  },
  {
    name: "the wait of a cleaning for backups that are under way",
    file: "lib/workspaces/prune.ts", remove: "Math.min(before(times.graceMs).getTime(), oldest.getTime() - SKEW_MS)", put: "before(times.graceMs).getTime()",
    project: "integration", tests: ["lib/jobs/prune.integration.test.ts"], only: "a backup that began before an object was condemned",
  },
  {
    name: "the claim that ends the pardon of what is being removed",
    file: "lib/workspaces/condemned.ts", remove: "where: { ...which, sweepingAt: null }", put: "where: which",
    project: "integration", tests: ["lib/jobs/prune.integration.test.ts"], only: "one that is being removed is waited for",
  },
  {
    name: "the journal's word on which plan a drill removes",
    file: "lib/restore/clear.ts", remove: "const planId = await madePlan(input);",
    put: "const planId = ((await madePlan(input)) && (await input.graph.plansOfGroup(input.plan.groupId)).find(({ title }) => title === input.plan.targetPlanTitle)?.id) ?? null;",
    tests: ["lib/restore/clear.test.ts"], only: "removes its plan only",
  },
  {
    name: "the look for work of others in the plan of a drill",
    file: "lib/restore/clear.ts", remove: 'return others.length > 0 ? "Somebody added a task to the plan of this drill." : null;', put: "return others.length < 0 ? \"\" : null;",
    tests: ["lib/restore/clear.test.ts"], only: "made their own",
  },
  {
    name: "the plans that were there before a drill",
    file: "lib/restore/clear.ts", remove: "if (plan.existing.planIds.includes(planId) || ", put: "if (",
    tests: ["lib/restore/clear.test.ts"], only: "was there before",
  },
  {
    name: "the scopes of an API key",
    file: "lib/workspaces/authorise.ts", remove: "roleMay(me.role, permission) && isInScope", put: "roleMay(me.role, permission)",
    tests: ["app/api/v1/api.integration.test.ts"], only: "do what their scopes allow", project: "integration",
  },
  {
    name: "the membership that an API key is bound to",
    file: "lib/workspaces/authorise.ts", remove: " || actor.key.memberId !== member.id", put: "",
    tests: ["app/api/v1/api.integration.test.ts"], only: "of a member who left", project: "integration",
  },
];

import type { ActionResult } from "@/components/action-result";
import { ActionButton } from "@/components/ui/action-button";
import { Time } from "@/components/ui/time";
import type { KeysView } from "@/lib/workspaces/types";

/** What everything stored is sealed with, and whether it could be had back without the database. */
export function Keys({ keys: { version, since, isResealing, copiedAt }, rotate }: { keys: KeysView; rotate: (() => Promise<ActionResult>) | null }) {
  return (
    <section aria-labelledby="keys-title" className="mt-8">
      <h2 id="keys-title" className="mb-2 font-semibold">Keys and recovery</h2>
      <div className="max-w-3xl space-y-2">
        <p className="text-muted">Everything that is stored is sealed with keys of this workspace alone. They lie in its storage too, wrapped by the key of the installation, with a nightly copy of the workspace’s settings and lists.</p>
        <p>Keys number {version}, in use since <Time value={since} />.{isResealing ? " Sign-ins and names are being sealed anew with them." : ""}</p>
        <p>{copiedAt === null ? "Nothing was copied into storage yet; the first copy is made within minutes." : <>Last copied into storage <Time value={copiedAt} relative />.</>}</p>
        {rotate ? (
          <ActionButton
            action={rotate} done="The keys were rotated"
            question={{ title: "Rotate the keys?", text: "What is stored from now on is sealed with new keys, and sign-ins and names are sealed anew with them. Snapshots that are in storage stay readable with the keys that they have. Backups and restores go on meanwhile.", confirm: "Rotate keys", keep: "Keep them" }}
          >Rotate keys…</ActionButton>
        ) : null}
      </div>
    </section>
  );
}

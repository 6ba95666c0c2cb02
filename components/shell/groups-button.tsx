"use client";

import { useDeferredValue, useId, useMemo, useState, useTransition } from "react";
import type { ActionResult } from "@/components/action-result";
import { settled } from "@/components/settled";
import { Button } from "@/components/ui/button";
import { CheckboxLine } from "@/components/ui/checkbox";
import { Dialog } from "@/components/ui/dialog";
import { Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { RadioCards } from "@/components/ui/radio";
import { StepUpButton } from "@/components/ui/step-up-button";
import { plural } from "@/components/ui/text";
import type { GroupView } from "@/lib/workspaces/types";

/** More matches than this ask for more words. */
const SHOWN = 100;

interface GroupsButtonProps {
  /** Whose content is chosen: "Vera", "the invited person". */
  whose: string;
  known: GroupView[];
  /** Ids of chosen groups; null: all. */
  value: string[] | null;
  apply: (groups: string[] | null) => Promise<ActionResult> | ActionResult;
  /** Where the person signs in once more before the dialog; null: not needed. */
  stepUp: string | null;
}

/** Says whose content is seen, and opens the dialog that chooses it. */
export function GroupsButton({ whose, known, value, apply, stepUp }: GroupsButtonProps) {
  const [open, setOpen] = useState(false);
  const text = value ? plural(value.length, "group") : "All groups";
  return (
    <>
      <StepUpButton aria-label={`Groups that ${whose} sees: ${text}`} stepUp={open ? null : stepUp} onClick={() => setOpen(true)}>{text}…</StepUpButton>
      <Dialog open={open} onOpenChange={setOpen} title={`Groups that ${whose} sees`} description="Plans, snapshots, files and search hits of other groups are hidden, and cannot be restored, exported or compared. The role says what may be done with the rest.">
        {open ? <Chooser known={known} value={value} apply={apply} close={() => setOpen(false)} /> : null}
      </Dialog>
    </>
  );
}

function Chooser({ known, value, apply, close }: Omit<GroupsButtonProps, "whose" | "stepUp"> & { close: () => void }) {
  const id = useId();
  const [which, setWhich] = useState<"all" | "chosen">(value ? "chosen" : "all");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(value));
  const [query, setQuery] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, start] = useTransition();
  const wanted = useDeferredValue(query.trim().toLowerCase());
  // A group that no account sees any more, and of which nothing was backed up, can still be taken away.
  const all = useMemo(() => [...known, ...(value ?? []).filter((one) => !known.some((group) => group.id === one)).map((one): GroupView => ({ id: one, name: `Group that is not known any more (${one.slice(0, 8)})`, tenantName: null }))], [known, value]);
  const found = useMemo(() => all.filter((group) => `${group.name} ${group.tenantName ?? ""}`.toLowerCase().includes(wanted)), [all, wanted]);
  const toggle = (group: string, on: boolean) => setChosen((before) => new Set(on ? [...before, group] : [...before].filter((one) => one !== group)));
  const save = () => start(async () => {
    const result = await settled(apply(which === "all" ? null : [...chosen]));
    if (!result || result.ok) close();
    else setProblem(result.message);
  });
  return (
    <div className="space-y-4">
      <RadioCards name={`${id}-which`} label="Which groups" value={which} onChange={setWhich} choices={[{ value: "all", label: "All groups", hint: "Also those that come later." }, { value: "chosen", label: "Only these groups" }]} />
      {which === "chosen" ? (
        <>
          <Input type="search" aria-label="Search groups" placeholder="Search groups" aria-controls={`${id}-list`} value={query} onChange={(event) => setQuery(event.target.value)} />
          <p role="status" className="text-[0.8125rem] text-muted tabular-nums">{wanted ? `${plural(found.length, "group")} found, ` : ""}{chosen.size} of {plural(all.length, "group")} chosen.</p>
          {found.length > 0 ? (
            <ul id={`${id}-list`} aria-label="Groups" className="max-h-72 space-y-2 overflow-y-auto rounded-lg border border-line p-3">
              {found.slice(0, SHOWN).map((group) => (
                <li key={group.id}><CheckboxLine label={<span className="[overflow-wrap:anywhere]">{group.name}</span>} hint={group.tenantName} checked={chosen.has(group.id)} onCheckedChange={(on) => toggle(group.id, on === true)} /></li>
              ))}
              {found.length > SHOWN ? <li className="text-muted">{plural(found.length - SHOWN, "more group")}: search to see them.</li> : null}
            </ul>
          ) : <p className="rounded-lg border border-dashed border-line px-4 py-6 text-center text-muted">{all.length === 0 ? "No group is known yet. Connect an account first." : "No group matches."}</p>}
        </>
      ) : null}
      {problem ? <Notice tone="danger" live>{problem}</Notice> : null}
      <div className="flex justify-end gap-2">
        <Button onClick={close}>Cancel</Button>
        <Button variant="primary" disabled={pending || (which === "chosen" && chosen.size === 0)} aria-busy={pending || undefined} onClick={save}>Save</Button>
      </div>
    </div>
  );
}

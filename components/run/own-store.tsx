"use client";

import { useState, useTransition } from "react";
import { Check, Plus, X } from "lucide-react";
import type { ActionResult } from "@/components/action-result";
import { settled } from "@/components/settled";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { Notice } from "@/components/ui/notice";
import { RadioCards } from "@/components/ui/radio";
import { StepUpButton } from "@/components/ui/step-up-button";
import type { OwnStoreOutcome } from "@/lib/workspaces/types";

type Driver = "s3" | "azure";
export type SaveOwnStore = (input: unknown) => Promise<ActionResult<OwnStoreOutcome>>;

const STEP_WORDS: Record<OwnStoreOutcome["steps"][number]["step"], string> = { write: "Write an object", keep: "Keep it when it is written again", read: "Read it back", list: "List it", remove: "Remove it" };

interface OwnStoreProps { save: SaveOwnStore; title: string; isChange?: boolean; /** Where the person signs in once more before the form. */ stepUp: string | null }

/** Adds a bucket or container of the workspace's own, or changes its keys; it is tried before that is kept, and the answer is shown. */
export function OwnStoreButton(props: OwnStoreProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <StepUpButton stepUp={open ? null : props.stepUp} onClick={() => setOpen(true)}>{props.isChange ? null : <Plus aria-hidden />}{props.title}</StepUpButton>
      {open ? <OwnStoreDialog {...props} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function OwnStoreDialog({ save, title, isChange, onClose }: Omit<OwnStoreProps, "stepUp"> & { onClose: () => void }) {
  const [driver, setDriver] = useState<Driver>("s3");
  const [outcome, setOutcome] = useState<OwnStoreOutcome | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, start] = useTransition();
  const submit = (form: FormData) => start(async () => {
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const lockDays = text("lockDays") === "" ? null : Number(text("lockDays"));
    const names = driver === "s3" ? ["bucket", "region", "endpoint", "keyId", "secret"] : ["account", "container", "endpoint", "credential"];
    const result = await settled(save({ driver, lockDays, ...Object.fromEntries(names.map((name) => [name, text(name)])) }));
    setProblem(result.ok ? null : result.message);
    setOutcome(result.ok ? result.value : null);
  });
  const added = outcome?.id != null;
  return (
    <Dialog
      open kind="panel" onOpenChange={(next) => !next && onClose()} title={title}
      footer={added ? <Button variant="primary" onClick={onClose}>Done</Button> : <><Button onClick={onClose}>Cancel</Button><Button type="submit" form="own-store" variant="primary" disabled={pending} aria-busy={pending || undefined}>{isChange ? "Check and save" : "Check and add"}</Button></>}
    >
      {added ? <Notice tone="ok" live title={isChange ? "Saved" : "Added"}>It does what is needed.{isChange ? "" : " Nothing was moved yet."}</Notice> : (
        <Form id="own-store" className="space-y-5" action={submit}>
          {problem ? <Notice tone="danger" live>{problem}</Notice> : null}
          {outcome ? <Notice tone="danger" live title={isChange ? "Not saved" : "Not added"}>The storage was tried and does not do what is needed.</Notice> : null}
          {outcome ? <Steps steps={outcome.steps} /> : null}
          <RadioCards name="driver" label="Service" value={driver} onChange={setDriver} choices={[
            { value: "s3", label: "Amazon S3", hint: "Or a service that speaks S3, if this installation allows it." },
            { value: "azure", label: "Azure Blob Storage", hint: "A container of a storage account." },
          ]} />
          {driver === "s3" ? (
            <>
              <Line key="bucket" name="bucket" label="Bucket" required placeholder="contoso-planback" />
              <Line key="region" name="region" label="Region" required placeholder="eu-central-1" />
              <Line key="keyId" name="keyId" label="Access key" required />
              <Line key="secret" name="secret" label="Secret access key" required secret />
            </>
          ) : (
            <>
              <Line key="account" name="account" label="Storage account" required placeholder="contosobackup" />
              <Line key="container" name="container" label="Container" required placeholder="planback" />
              <Line key="credential" name="credential" label="Shared access signature, or a key of the account" hint="A signature of the container that may read, add, create, write, delete and list is enough." required secret />
            </>
          )}
          <Line name="endpoint" label="Address of the service" hint="Only for another service or cloud than the usual one." placeholder="https://" />
          <Line name="lockDays" label="Days for which nothing can be removed" hint="Only for a bucket with Object Lock or a container with immutability by version. It cannot be taken back." inputMode="numeric" />
        </Form>
      )}
      {added && outcome ? <div className="mt-5"><Steps steps={outcome.steps} /></div> : null}
    </Dialog>
  );
}

interface LineProps { name: string; label: string; hint?: string; placeholder?: string; required?: boolean; secret?: boolean; inputMode?: "numeric" }

function Line({ name, label, hint, secret, ...rest }: LineProps) {
  return <Field label={label} hint={hint}>{(control) => <Input {...control} {...rest} name={name} type={secret ? "password" : "text"} autoComplete="off" autoCapitalize="none" spellCheck={false} />}</Field>;
}

function Steps({ steps }: Pick<OwnStoreOutcome, "steps">) {
  return (
    <ol className="space-y-1.5">
      {steps.map(({ step, problem }) => (
        <li key={step} className="flex items-start gap-2">
          {problem ? <X aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" /> : <Check aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />}
          <span>{STEP_WORDS[step]}<span className="sr-only">{problem ? ": failed" : ": works"}</span>{problem ? <span className="block text-danger">{problem}</span> : null}</span>
        </li>
      ))}
    </ol>
  );
}

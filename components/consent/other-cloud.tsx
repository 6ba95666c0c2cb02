"use client";

import { useState, useTransition } from "react";
import type { ActionResult } from "@/components/action-result";
import { settled } from "@/components/settled";
import { Button } from "@/components/ui/button";
import { Card, CardBody, CardHeader } from "@/components/ui/card";
import { Field, Input } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { Notice } from "@/components/ui/notice";
import { RadioCards } from "@/components/ui/radio";
import type { Grant } from "@/lib/workspaces/types";
import { AskAdmin } from "./ask-admin";
import { PURPOSE_NAMES } from "./permissions";

/** A cloud that this installation has registrations in besides the one that people sign in to. */
export interface OtherCloud<Cloud extends string = string> { cloud: Cloud; name: string; words: string; grants: Grant[] }

interface OtherCloudProps<Cloud extends string> {
  workspaceName: string;
  clouds: OtherCloud<Cloud>[];
  /** Both go to the tenant that was named. */
  start: (grant: Grant, tenant: { cloud: Cloud; tid: string }) => Promise<ActionResult<unknown>>;
  link: (grant: Grant, tenant: { cloud: Cloud; tid: string }) => Promise<ActionResult<{ id: string; link: string }>>;
}

/** Consent for a Microsoft tenant of another cloud, which no sign-in has named. */
export function OtherCloudConsent<Cloud extends string>({ workspaceName, clouds, start, link }: OtherCloudProps<Cloud>) {
  const [cloud, setCloud] = useState<Cloud>(clouds[0]!.cloud);
  const [grant, setGrant] = useState<Grant>("backup");
  const [tid, setTid] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, begin] = useTransition();
  const here = clouds.find((one) => one.cloud === cloud)!;
  const wanted = here.grants.includes(grant) ? grant : "backup";
  const tenant = { cloud, tid: tid.trim() };
  const go = () => begin(async () => {
    setProblem(null);
    const result = await settled(start(wanted, tenant));
    if (result && !result.ok) setProblem(result.message);
  });
  return (
    <Card aria-labelledby="other-cloud-title">
      <CardHeader id="other-cloud-title" title="A Microsoft tenant in another cloud">Microsoft runs separate clouds, whose tenants and tokens know nothing of each other. China (21Vianet) is not offered: it has no Planner for other programs.</CardHeader>
      <CardBody>
        <Form action={go} className="space-y-4">
          <RadioCards name="cloud" label="Microsoft’s cloud" labelShown value={cloud} onChange={setCloud} className="md:grid-cols-2" choices={clouds.map((one) => ({ value: one.cloud, label: one.name, hint: one.words }))} />
          <Field label="Tenant ID" hint="On the overview of the Microsoft Entra admin center of that cloud.">{(control) => <Input {...control} value={tid} required maxLength={40} spellCheck={false} autoCapitalize="none" autoComplete="off" className="max-w-md font-mono" onChange={(event) => setTid(event.target.value)} />}</Field>
          <RadioCards name="grant" label="Consent for" labelShown value={wanted} onChange={setGrant} className="md:grid-cols-3" choices={here.grants.map((one) => ({ value: one, label: PURPOSE_NAMES[one], hint: HINTS[one] }))} />
          {problem ? <Notice tone="danger" live>{problem}</Notice> : null}
          <div className="flex flex-wrap items-start gap-3">
            <Button type="submit" variant="primary" disabled={pending} aria-busy={pending || undefined}>Grant consent</Button>
            <AskAdmin key={`${cloud} ${tenant.tid} ${wanted}`} purpose={wanted} workspaceName={workspaceName} create={() => link(wanted, tenant)} />
          </div>
        </Form>
      </CardBody>
    </Card>
  );
}

const HINTS: Record<Grant, string> = { backup: "Read as an account.", restore: "Write, when somebody restores.", app_only: "Read the whole tenant as an application." };

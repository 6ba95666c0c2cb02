"use client";

import { useState, useTransition } from "react";
import { Mail, MessageSquare, Send } from "lucide-react";
import type { ActionResult } from "@/components/action-result";
import { settled } from "@/components/settled";
import { Button } from "@/components/ui/button";
import { CopyButton, CopyField } from "@/components/ui/copy";
import { Notice } from "@/components/ui/notice";
import type { Grant } from "@/lib/workspaces/types";
import { APP_GRANTING_ROLES, GRANTING_ROLES, PURPOSE_NAMES } from "./permissions";

interface AskAdminProps { purpose: Grant; workspaceName: string; create: () => Promise<ActionResult<{ id: string; link: string }>> }

/** For people who cannot grant consent: a link that works for an administrator without an account here. */
export function AskAdmin({ purpose, workspaceName, create }: AskAdminProps) {
  const [link, setLink] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [pending, start] = useTransition();
  const make = () => start(async () => {
    const result = await settled(create());
    if (result.ok) setLink(result.value.link);
    setProblem(result.ok ? null : result.message);
  });
  if (!link) {
    return (
      <div className="space-y-3">
        <Button onClick={make} disabled={pending} aria-busy={pending || undefined}><Send aria-hidden />Make a link for an administrator</Button>
        {problem ? <Notice tone="danger" live>{problem}</Notice> : null}
      </div>
    );
  }
  const subject = `Please allow Planback to ${purpose === "restore" ? "restore" : "back up"} our Planner plans`;
  const text = message(purpose, workspaceName, link);
  return (
    <div className="w-full space-y-3 rounded-lg border border-line bg-subtle p-4">
      <p role="status" className="font-medium">The link is ready. It is shown only now.</p>
      <CopyField label="Link for the administrator" value={link} />
      <div className="flex flex-wrap gap-2">
        <Button asChild><a href={`mailto:?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(text)}`}><Mail aria-hidden />Write e-mail</a></Button>
        <Button asChild><a href={`https://teams.microsoft.com/share?msgText=${encodeURIComponent(text)}&href=${encodeURIComponent(link)}`} target="_blank" rel="noopener noreferrer"><MessageSquare aria-hidden />Send in Teams</a></Button>
        <CopyButton value={text}>Copy the message</CopyButton>
      </div>
      <details><summary className="rounded text-muted">Show the message</summary><p className="mt-2 whitespace-pre-wrap [overflow-wrap:anywhere]">{text}</p></details>
    </div>
  );
}

function message(purpose: Grant, workspaceName: string, link: string): string {
  return [
    "Hello,",
    "",
    `we would like to ${purpose === "restore" ? "restore" : "back up"} our Microsoft Planner plans${purpose === "app_only" ? ", those of all groups," : ""} with Planback (workspace "${workspaceName}"). It needs an administrator's consent once.`,
    "",
    `This page lists every permission with its reason, and needs no account: ${link}`,
    "",
    `It can be granted by a ${purpose === "app_only" ? APP_GRANTING_ROLES : GRANTING_ROLES}. Purpose: ${PURPOSE_NAMES[purpose]}. The link is valid for a limited time, shown on the page.`,
    "",
    "Thank you",
  ].join("\n");
}

"use client";

import { useState } from "react";
import { FlaskConical } from "lucide-react";
import type { ActionResult } from "@/components/action-result";
import { ActionButton } from "@/components/ui/action-button";

/** Starts a drill, after saying what it will do. The request key makes a repeated request the same drill. */
export function DrillNow({ plan, group, start }: { plan: string; group: string; start: (requestKey: string) => Promise<ActionResult> }) {
  const [requestKey, setRequestKey] = useState(() => crypto.randomUUID());
  const run = async () => {
    const result = await start(requestKey);
    if (result && !result.ok && result.code !== "internal") setRequestKey(crypto.randomUUID());
    return result;
  };
  return (
    <ActionButton
      action={run}
      question={{ title: "Run a drill now?", text: `The newest complete backup of ${plan} is restored as a new plan into ${group}, compared, and that plan is removed again. Members of ${group} may see it meanwhile. Nobody is assigned or told.`, confirm: "Run drill" }}
    ><FlaskConical aria-hidden />Run a drill now…</ActionButton>
  );
}

"use client";

import { useState } from "react";
import { Play } from "lucide-react";
import type { ActionResult } from "@/components/action-result";
import { ActionButton } from "@/components/ui/action-button";

/** Starts a run. The request key makes a second click or a repeated request the same run. */
export function BackUpNow({ action }: { action: (requestKey: string) => Promise<ActionResult> }) {
  const [requestKey, setRequestKey] = useState<string | null>(null);
  const start = async () => {
    const key = requestKey ?? crypto.randomUUID();
    setRequestKey(key);
    const result = await action(key);
    // Refused, not lost: the next click is a new request.
    if (result && !result.ok && result.code !== "internal") setRequestKey(null);
    return result;
  };
  return <ActionButton variant="primary" action={start}><Play aria-hidden />Back up now</ActionButton>;
}

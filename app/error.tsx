"use client";

import { PublicFrame } from "@/components/shell/public-frame";
import { Problem } from "@/components/shell/problem";

export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return <PublicFrame><Problem error={error} retry={reset} /></PublicFrame>;
}

"use client";

import { Problem } from "@/components/shell/problem";
import "./globals.css";

/** Replaces the whole document when even the root layout fails. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <title>Planback</title>
        <main id="main" className="px-4"><Problem error={error} retry={reset} /></main>
      </body>
    </html>
  );
}

"use client";

import { useState } from "react";
import { signIn } from "next-auth/react";
import { Button } from "@/components/ui/button";

/** `again`: Microsoft asks for the credentials although the person is signed in there. */
export function SignInButton({ callbackUrl, size = "large", again = false }: { callbackUrl: string; size?: "medium" | "large"; again?: boolean }) {
  const [pending, setPending] = useState(false);
  const start = async () => {
    setPending(true);
    await signIn("microsoft", { callbackUrl }, again ? { prompt: "login", max_age: "0" } : undefined).finally(() => setPending(false));
  };
  return (
    <Button variant="primary" size={size} disabled={pending} aria-busy={pending || undefined} onClick={start}>
      <MicrosoftMark />{again ? "Sign in again" : "Sign in with Microsoft"}
    </Button>
  );
}

function MicrosoftMark() {
  return (
    <svg viewBox="0 0 21 21" aria-hidden className="size-4">
      <path fill="#f25022" d="M0 0h10v10H0z" /><path fill="#7fba00" d="M11 0h10v10H11z" /><path fill="#00a4ef" d="M0 11h10v10H0z" /><path fill="#ffb900" d="M11 11h10v10H11z" />
    </svg>
  );
}

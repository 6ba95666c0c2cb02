"use client";

import Link from "next/link";
import type { ComponentProps } from "react";
import { Button } from "./button";

interface StepUpButtonProps extends ComponentProps<typeof Button> {
  /** Where the person signs in once more first; null: he has, or the form is open already. */
  stepUp: string | null;
}

/** Opens a form that only who signed in just now can send: who has not is asked before it is filled in, not after. */
export function StepUpButton({ stepUp, onClick, children, ...props }: StepUpButtonProps) {
  return stepUp ? <Button {...props} asChild><Link href={stepUp}>{children}</Link></Button> : <Button {...props} onClick={onClick}>{children}</Button>;
}

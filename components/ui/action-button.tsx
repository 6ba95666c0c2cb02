"use client";

import { useLayoutEffect, useRef, useState, useTransition, type ComponentProps, type ReactNode } from "react";
import type { ActionResult } from "@/components/action-result";
import { settled } from "@/components/settled";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Field, Input } from "./field";
import { focusMain } from "./focus-main";
import { Notice } from "./notice";

interface ActionButtonProps extends Omit<ComponentProps<typeof Button>, "onClick" | "action"> {
  /** `typed` is what the person wrote, where something must be. */
  action: (typed: string) => Promise<ActionResult<unknown>>;
  /** Asks first. `confirm` is the words of the button that acts, `typed` what must be written before it does. */
  question?: { title: string; text: ReactNode; confirm: string; keep?: string; typed?: string };
  /** Said to screen readers when done; `doneShown` to everybody, where the page itself does not show it. */
  done?: string;
  doneShown?: boolean;
}

/** A button that runs a server action, keeps its words while it runs, and says in place what went wrong. */
export function ActionButton({ action, question, done, doneShown = false, children, disabled, ...props }: ActionButtonProps) {
  const [pending, start] = useTransition();
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  const [typed, setTyped] = useState("");
  const unlocked = question?.typed === undefined || typed.trim().toLowerCase() === question.typed.toLowerCase();

  const run = () => {
    setProblem(null);
    setSaid("");
    start(async () => {
      const result = await settled(question?.typed === undefined ? (action as () => Promise<ActionResult<unknown>>)() : action(typed));
      // An action that redirects answers nothing.
      if (result && !result.ok) setProblem(result.message);
      else {
        setAsking(false);
        setSaid(done ?? ""); // of this run: the page that comes with the answer may have words for the next
      }
    });
  };

  const place = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const here = place.current;
    // What it acted on may be gone with it: a withdrawn link, a member who was removed.
    return () => { if (here?.contains(document.activeElement)) requestAnimationFrame(focusMain); };
  }, []);

  const ask = () => {
    setTyped("");
    setAsking(true);
  };

  return (
    <>
      <span ref={place} className="inline-flex max-w-full flex-col items-start gap-2">
        <Button {...props} disabled={disabled || pending} aria-busy={pending || undefined} onClick={() => (question ? ask() : run())}>{children}</Button>
        {problem && !asking ? <Notice tone="danger" live>{problem}</Notice> : null}
        <span role="status" className={doneShown && said ? "text-muted" : "sr-only"}>{said}</span>
      </span>
      {question ? (
        <Dialog
          open={asking}
          onOpenChange={setAsking}
          title={question.title}
          description={question.text}
          footer={
            <>
              <Button onClick={() => setAsking(false)}>{question.keep ?? "Keep it"}</Button>
              <Button variant={props.variant === "primary" ? "primary" : "danger"} disabled={pending || !unlocked} aria-busy={pending || undefined} onClick={run}>{question.confirm}</Button>
            </>
          }
        >
          {question.typed !== undefined || problem ? (
            <div className="space-y-3">
              {question.typed === undefined ? null : (
                <Field label={`To confirm, type: ${question.typed}`}>
                  {(control) => <Input {...control} value={typed} autoComplete="off" autoCapitalize="none" spellCheck={false} onChange={(event) => setTyped(event.target.value)} onKeyDown={(event) => event.key === "Enter" && unlocked && !pending && run()} />}
                </Field>
              )}
              {problem ? <Notice tone="danger" live>{problem}</Notice> : null}
            </div>
          ) : null}
        </Dialog>
      ) : null}
    </>
  );
}

"use client";

import type { ComponentProps } from "react";

/**
 * A form that keeps what was typed and chosen when its action has answered. React resets the fields of a form with an
 * `action`: they would show, and send the next time, something else than what was just saved or refused. Before the page is
 * alive React remembers the action alone.
 */
export function Form({ action, ...props }: Omit<ComponentProps<"form">, "action" | "onSubmit"> & { action: (form: FormData) => void }) {
  return (
    <form
      {...props} action={action}
      onSubmit={(event) => {
        event.preventDefault();
        action(new FormData(event.currentTarget));
      }}
    />
  );
}

import "server-only";
import { randomUUID } from "node:crypto";

/**
 * Unexpected errors of the web process, for the operator's log. Names and places only: messages, which may run over many
 * lines of the stack, may hold content. Returns the id by which the entry is found: whoever sees the failure is shown it.
 */
export function logUnexpected(error: unknown, id: string = randomUUID()): string {
  const name = error instanceof Error ? error.name : typeof error;
  const stack = error instanceof Error ? (error.stack ?? "").split("\n").map((line) => line.trim()).filter((line) => line.startsWith("at ")).slice(0, 7) : [];
  console.error(JSON.stringify({ level: "error", time: new Date().toISOString(), msg: "unexpected error in the web", id, name, stack }));
  return id;
}

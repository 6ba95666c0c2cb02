import "server-only";

/** Unexpected errors of the web process, for the operator's log. Names and stacks only: messages may hold content. */
export function logUnexpected(error: unknown): void {
  const name = error instanceof Error ? error.name : typeof error;
  const stack = error instanceof Error ? (error.stack ?? "").split("\n").slice(1, 8).map((line) => line.trim()) : [];
  console.error(JSON.stringify({ level: "error", time: new Date().toISOString(), msg: "unexpected error in the web", name, stack }));
}

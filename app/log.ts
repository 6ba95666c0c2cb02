import "server-only";

/** Unexpected errors of the web process, for the operator's log. Names and places only: messages, which may run over many lines of the stack, may hold content. */
export function logUnexpected(error: unknown, requestId?: string): void {
  const name = error instanceof Error ? error.name : typeof error;
  const stack = error instanceof Error ? (error.stack ?? "").split("\n").map((line) => line.trim()).filter((line) => line.startsWith("at ")).slice(0, 7) : [];
  console.error(JSON.stringify({ level: "error", time: new Date().toISOString(), msg: "unexpected error in the web", requestId, name, stack }));
}

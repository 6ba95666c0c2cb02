const STOP_MS = 25_000;

/** Next bundles routes apart, each with its own copy of this module: they share the signal through globalThis. */
const shared = globalThis as typeof globalThis & { planbackStopping?: AbortController };
const controller = (shared.planbackStopping ??= new AbortController());

/** Aborts when this process is told to end: what would go on for ever ends, so that its page goes to another process. */
export const stopping = controller.signal;

/** Next lets requests that are under way end before the process does; it does not wait for longer than the time that it is given. */
export function stopOnSignal(): void {
  process.once("SIGTERM", () => {
    controller.abort();
    setTimeout(() => process.exit(143), STOP_MS).unref();
  });
}

import { isDatabaseReady } from "@/lib/db";

const EVERY_MS = 60_000;
const TIMEOUT_MS = 10_000;

/**
 * Asks for `url` once a minute while the database answers: the sign of life that a dead man's switch elsewhere waits for.
 * Returns what ends it. A ping that fails is logged without its address and is no reason to stop.
 */
export function startHeartbeat(url: string, onError: (reason: string) => void, everyMs = EVERY_MS): () => void {
  const beat = async () => {
    if (!(await isDatabaseReady())) return;
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!answer.ok) onError(`status ${answer.status}`);
    } catch (error) {
      onError(error instanceof Error ? error.name : "unknown");
    }
  };
  void beat();
  const timer = setInterval(() => void beat(), everyMs);
  return () => clearInterval(timer);
}

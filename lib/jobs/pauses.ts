/**
 * A pause that Microsoft demanded of one worker holds for all: it is for the app in that Microsoft tenant. Workers tell each
 * other, by the governor's key, which names neither.
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { openLine } from "@/lib/db/line";
import { metrics } from "@/lib/telemetry/metrics";
import { governorOf, LANES, onPauses, standingPauses } from "@/lib/graph";

const CHANNEL = "planback_pauses";
const DAY_MS = 24 * 3600_000;

const MESSAGE = z.union([
  // How long still, and not until when: clocks differ between machines.
  z.object({ from: z.string(), key: z.string(), place: z.enum([...LANES, "everywhere"]), ms: z.number().nonnegative().max(DAY_MS) }),
  z.object({ from: z.string(), ask: z.literal(true) }),
]);
type Message = z.infer<typeof MESSAGE>;

/** Tells other workers of every pause and takes over theirs. Returns how to end it. */
export function sharePauses(): () => Promise<void> {
  const from = randomUUID();
  const say = (message: Message) => line.say(JSON.stringify(message));
  const tell = (key: string, until: number, place: (typeof LANES)[number] | "everywhere") => say({ from, key, place, ms: Math.max(0, until - Date.now()) });
  const tellAll = () => standingPauses(Date.now()).forEach(({ key, until, place }) => tell(key, until, place));
  const hear = (text: string) => {
    const message = parse(text);
    if (!message || message.from === from) return;
    if ("ask" in message) tellAll();
    else governorOf(message.key).pauseUntil(Date.now() + message.ms, message.place);
  };
  // Who comes late, or was cut off, asks what holds and says what it knows.
  const line = openLine(CHANNEL, hear, () => {
    say({ from, ask: true });
    tellAll();
  });
  const stop = onPauses((key, until, place) => {
    metrics().pauses.observe({ service: place }, Math.max(0, until - Date.now()) / 1000);
    tell(key, until, place);
  });
  return () => {
    stop();
    return line.end();
  };
}

function parse(text: string): Message | null {
  try {
    return MESSAGE.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

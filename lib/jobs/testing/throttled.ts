/** The process that the test of shared pauses starts: says which pauses hold here, and is throttled when told so. */
import { governorFor, LANES } from "@/lib/graph";
import { sharePauses } from "../pauses";

sharePauses();
const governor = governorFor("app", "tenant");
process.on("message", (message) => {
  if (message === "throttle") void governor.run(async (turn) => turn.throttled(60_000), { lane: "sharepoint" });
  process.send!(Object.fromEntries(LANES.map((lane) => [lane, governor.state(lane).pausedUntil])));
});

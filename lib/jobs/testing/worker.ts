/** The process that tests start as a worker and kill. */
import { startWorker } from "../index";
import { SHORT_TIMES } from "./times";

/** A job that stops is told to who started this process. */
const log = { info: () => undefined, error: (facts: object) => console.log(JSON.stringify(facts)) };

startWorker({ log, restoreTimes: SHORT_TIMES }).then(
  () => console.log("ready"),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);

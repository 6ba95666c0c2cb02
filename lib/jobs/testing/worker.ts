/** The process that tests start as a worker and kill. */
import { startWorker } from "../index";
import { SHORT_TIMES } from "./times";

const silent = { info: () => undefined, error: () => undefined };

startWorker({ log: silent, restoreTimes: SHORT_TIMES }).then(
  () => console.log("ready"),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);

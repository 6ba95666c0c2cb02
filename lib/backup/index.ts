export { capturePlan, type CaptureInput } from "./capture";
export { commentText } from "./commentText";
export { FULL_EVERY, mayTakeOver } from "./takeover";
export type * from "./types";

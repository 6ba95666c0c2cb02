export { capturePlan, type CaptureInput } from "./capture";
export { commentText } from "./commentText";
export type * from "./types";

/** Planner: plans, buckets, tasks, details and board formats over Graph, and the pages a person would see. */
import type { GraphRoute } from "../graph/context";
import { archiveRoutes } from "./routes/archive";
import { bucketRoutes } from "./routes/buckets";
import { detailRoutes } from "./routes/details";
import { messageRoutes } from "./routes/messages";
import { planRoutes } from "./routes/plans";
import { taskRoutes } from "./routes/tasks";
import { userRoutes } from "./routes/users";
import type { PlannerStore } from "./store";

export { plannerWebRoom } from "./web/room";
export { addMessage } from "./chat";
export { firstOfSeries } from "./recurrence/series";
export type { PlannerBehaviour } from "./behaviour";
export { createPlannerStore, PlannerStore } from "./store";
export { encodeReferenceKey, decodeReferenceKey } from "./referenceKeys";
export type { Actor, BucketRecord, BucketSpec, PlanRecord, PlanSpec, PlannerLimits, TaskRecord, TaskSpec } from "./records";

export const plannerRoutes = (store: PlannerStore): GraphRoute[] => [
  ...planRoutes(store),
  ...archiveRoutes(store),
  ...bucketRoutes(store),
  ...taskRoutes(store),
  ...detailRoutes(store),
  ...messageRoutes(store),
  ...userRoutes(store),
];

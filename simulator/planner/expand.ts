import type { GraphCall } from "../graph/context";
import type { PlannerBehaviour } from "./behaviour";
import type { TaskRecord } from "./records";
import { renderAssignedToFormat, renderBucketFormat, renderEarlierDetails, renderProgressFormat, renderTask, renderTaskDetails } from "./render";
import type { PlannerStore } from "./store";

const FORMATS = { assignedToTaskBoardFormat: renderAssignedToFormat, bucketTaskBoardFormat: renderBucketFormat, progressTaskBoardFormat: renderProgressFormat };

/** How the tasks of a call are written, with what `$expand` asks for as far as the service grants it. */
export function taskRenderer(store: PlannerStore, call: GraphCall, details: PlannerBehaviour["expandDetails"] = "works"): (task: TaskRecord) => object {
  const { version } = call;
  const expand = call.query.get("$expand");
  if (expand === null) return (task) => renderTask(task, version);
  const asked = new Set(expand.split(",").map((name) => name.trim().toLowerCase()));
  const formats = Object.entries(FORMATS).filter(([name]) => asked.has(name.toLowerCase()) && store.behaviour.of(call.tenant.id).expandFormats === "works");
  const parts: [string, (task: TaskRecord) => object][] = asked.has("details") && details !== "ignored" ? [["details", (task) => DETAILS[details](task, version)], ...formats] : formats;
  if (parts.length === 0) return (task) => renderTask(task, version);
  return (task) => Object.assign(renderTask(task, version), Object.fromEntries(parts.map(([name, render]) => [name, render(task)])));
}

const DETAILS = {
  works: renderTaskDetails,
  stale: renderEarlierDetails,
  hollow: (task: TaskRecord) => {
    const { "@odata.etag": etag, id, previewType } = renderTaskDetails(task, "v1.0");
    return { "@odata.etag": etag, id, previewType };
  },
};

import type { GraphCall } from "../graph/context";
import type { TaskRecord } from "./records";
import { renderAssignedToFormat, renderBucketFormat, renderEarlierDetails, renderProgressFormat, renderTask, renderTaskDetails } from "./render";
import type { PlannerStore } from "./store";

const FORMATS = { assignedToTaskBoardFormat: renderAssignedToFormat, bucketTaskBoardFormat: renderBucketFormat, progressTaskBoardFormat: renderProgressFormat };

/** How the tasks of a call are written: those of a plan, of a person, or one; with what `$expand` asks for as far as the service grants it there. */
export function taskRenderer(store: PlannerStore, call: GraphCall, of: "plan" | "person" | "task"): (task: TaskRecord) => object {
  const { version } = call;
  const { expandDetails, expandTaskDetails, expandFormats } = store.behaviour.of(call.tenant.id);
  const details = { plan: expandDetails, person: "works" as const, task: expandTaskDetails }[of];
  const showsFormats = expandFormats === "works" || (of === "task" && expandFormats === "single");
  const expand = call.query.get("$expand");
  if (expand === null) return (task) => renderTask(task, version);
  const asked = new Set(expand.split(",").map((name) => name.trim().toLowerCase()));
  const formats = Object.entries(FORMATS).filter(([name]) => showsFormats && asked.has(name.toLowerCase()));
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

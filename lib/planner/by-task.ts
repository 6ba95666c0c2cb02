/** Comments or attachments of each task, in their order: one pass for all tasks. */
export function byTask<T extends { taskId: string }>(items: readonly T[]): (taskId: string) => readonly T[] {
  const groups = Map.groupBy(items, ({ taskId }) => taskId);
  return (taskId) => groups.get(taskId) ?? [];
}

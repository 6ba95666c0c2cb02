/** Long work on a large plan, which yields where something else may be done in between. */
export type Steps<T> = Generator<void, T, void>;

/** What is done with so many tasks takes some tens of milliseconds. */
export const TASKS_IN_STEP = 200;

export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Where Microsoft tenants differ, or where nobody outside Microsoft knows what to expect. */
export interface PlannerBehaviour {
  /**
   * `$expand=details` on a plan's list of tasks: it was ignored in 2020
   * (https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/800). "hollow": details without description,
   * checklist and references; "stale": details as they were before their last change.
   */
  expandDetails: "ignored" | "works" | "hollow" | "stale";
  /** `$expand` of the three board formats, in lists and for one task. */
  expandFormats: "ignored" | "works";
  /** Names of properties of chat messages: as documented, or as in the service's metadata (deletedDateTime, editedDateTime, reactionEvents). */
  chatNames: "documented" | "metadata";
  /** lastModifiedDateTime of a task (beta) does not move when its details change. */
  lyingLastModified: boolean;
}

const USUAL: PlannerBehaviour = { expandDetails: "ignored", expandFormats: "ignored", chatNames: "documented", lyingLastModified: false };

/** The behaviour of each Microsoft tenant. */
export class Behaviours {
  private everywhere = USUAL;
  private readonly byTenant = new Map<string, PlannerBehaviour>();

  of(tenantId: string): PlannerBehaviour {
    return this.byTenant.get(tenantId) ?? this.everywhere;
  }

  /** Changes one Microsoft tenant, or all of them. */
  set(change: Partial<PlannerBehaviour>, tenantId?: string): void {
    if (tenantId !== undefined) {
      this.byTenant.set(tenantId, { ...this.of(tenantId), ...change });
      return;
    }
    this.everywhere = { ...this.everywhere, ...change };
    for (const [id, known] of this.byTenant) this.byTenant.set(id, { ...known, ...change });
  }
}

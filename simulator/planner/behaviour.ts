/** What `$expand=details` gives. "hollow": without description, checklist and references; "stale": as before their last change. */
export type ExpandedDetails = "ignored" | "works" | "hollow" | "stale";

/** Where Microsoft tenants differ, or where nobody outside Microsoft knows what to expect. */
export interface PlannerBehaviour {
  /** On a plan's list of tasks it was ignored in 2020: https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/800. */
  expandDetails: ExpandedDetails;
  /** On one task, where much public code relies on it. */
  expandTaskDetails: ExpandedDetails;
  /** `$expand` of the three board formats: nowhere, for one task, or in lists too. */
  expandFormats: "ignored" | "single" | "works";
  /** Names of properties of chat messages: as documented, or as in the service's metadata (deletedDateTime, editedDateTime, reactionEvents). */
  chatNames: "documented" | "metadata";
  /** lastModifiedDateTime of a task (beta) does not move when its details change. */
  lyingLastModified: boolean;
}

const USUAL: PlannerBehaviour = { expandDetails: "ignored", expandTaskDetails: "works", expandFormats: "ignored", chatNames: "documented", lyingLastModified: false };

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

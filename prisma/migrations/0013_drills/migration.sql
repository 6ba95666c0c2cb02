-- Restore drills: when a policy has them and where, and the restores that are drills. `removal` is about the plan that a drill
-- made: due from before it is created until Microsoft says that it is gone.
ALTER TABLE policy
  ADD COLUMN drill_schedule JSONB NOT NULL DEFAULT '{"kind": "manual"}',
  ADD COLUMN drill_since TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
  ADD COLUMN drill_group_id UUID,
  ADD COLUMN drill_plan_id UUID,
  ADD CHECK (drill_group_id IS NOT NULL OR drill_schedule->>'kind' = 'manual'),
  ADD FOREIGN KEY (workspace_id, drill_plan_id) REFERENCES plan (workspace_id, id) ON DELETE RESTRICT;
ALTER TABLE restore
  ADD COLUMN drill_of UUID,
  ADD COLUMN removal TEXT CHECK (removal IN ('due', 'done')),
  ADD COLUMN removal_problem TEXT,
  ADD COLUMN removal_tried_at TIMESTAMPTZ,
  ADD CHECK (drill_of IS NOT NULL OR removal IS NULL),
  ADD FOREIGN KEY (workspace_id, drill_of) REFERENCES policy (workspace_id, id) ON DELETE RESTRICT;
-- Never two drills of a policy at once.
CREATE UNIQUE INDEX restore_one_drill ON restore (workspace_id, drill_of) WHERE state NOT IN ('verified', 'different', 'failed', 'cancelled');
CREATE INDEX restore_by_drill ON restore (workspace_id, drill_of, finished_at) WHERE drill_of IS NOT NULL;

-- A backup that found far more tasks gone from a plan than usual. Until a person releases it, the plan's snapshots stay.
CREATE TABLE loss (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    id UUID NOT NULL,
    plan_id UUID NOT NULL,
    snapshot_id UUID NOT NULL,
    before_id UUID NOT NULL,
    removed INTEGER NOT NULL CHECK (removed > 0),
    usual INTEGER CHECK (usual >= 0),
    found_at TIMESTAMPTZ NOT NULL,
    released_at TIMESTAMPTZ,
    released_by TEXT,

    PRIMARY KEY (workspace_id, id),
    CONSTRAINT loss_of_snapshot UNIQUE (workspace_id, snapshot_id),
    FOREIGN KEY (workspace_id, plan_id) REFERENCES plan (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, snapshot_id) REFERENCES snapshot (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, before_id) REFERENCES snapshot (workspace_id, id) ON DELETE RESTRICT,
    CHECK ((released_at IS NULL) = (released_by IS NULL))
);
CREATE INDEX loss_of_plan ON loss (workspace_id, plan_id);

ALTER TABLE loss ENABLE ROW LEVEL SECURITY;
ALTER TABLE loss FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON loss USING (workspace_id = (SELECT app_workspace())) WITH CHECK (workspace_id = (SELECT app_workspace()));

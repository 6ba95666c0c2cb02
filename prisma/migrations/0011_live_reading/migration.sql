-- A plan as it is in Microsoft 365 at a moment, read by the worker while a person waits. Taken away when it was shown.
CREATE TABLE live_reading (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    id UUID NOT NULL,
    plan_id UUID NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
    problem TEXT,
    sealed_content BYTEA,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),

    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, plan_id) REFERENCES plan (workspace_id, id) ON DELETE CASCADE
);
ALTER TABLE live_reading ENABLE ROW LEVEL SECURITY;
ALTER TABLE live_reading FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON live_reading USING (workspace_id = (SELECT app_workspace())) WITH CHECK (workspace_id = (SELECT app_workspace()));

-- Objects that no snapshot needs: first named here, removed from storage when a backup that began before cannot be under way any more.
CREATE TABLE condemned (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    type TEXT NOT NULL CHECK (type IN ('manifest', 'page', 'segment', 'file')),
    object_id TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    condemned_at TIMESTAMPTZ NOT NULL,
    -- from when on its removal may be under way
    sweeping_at TIMESTAMPTZ,

    PRIMARY KEY (workspace_id, type, object_id)
);
CREATE INDEX condemned_by_age ON condemned (workspace_id, condemned_at);

CREATE TABLE prune (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    id UUID NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    snapshots INT NOT NULL DEFAULT 0,
    objects INT NOT NULL DEFAULT 0,
    bytes BIGINT NOT NULL DEFAULT 0,
    problem TEXT,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    finished_at TIMESTAMPTZ,

    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX prune_by_start ON prune (workspace_id, started_at DESC);

ALTER TABLE condemned ENABLE ROW LEVEL SECURITY;
ALTER TABLE condemned FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON condemned USING (workspace_id = (SELECT app_workspace())) WITH CHECK (workspace_id = (SELECT app_workspace()));
ALTER TABLE prune ENABLE ROW LEVEL SECURITY;
ALTER TABLE prune FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON prune USING (workspace_id = (SELECT app_workspace())) WITH CHECK (workspace_id = (SELECT app_workspace()));

-- A snapshot that left its timeline may lose its manifest.
ALTER TABLE snapshot DROP CONSTRAINT snapshot_check,
  ADD CONSTRAINT snapshot_check CHECK (state = 'open' OR (counts IS NOT NULL AND (manifest_id IS NOT NULL OR removed_at IS NOT NULL)));

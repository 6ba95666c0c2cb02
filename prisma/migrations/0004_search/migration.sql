-- The index of the search: one entry for each task that any snapshot of a plan held. Words are blind tokens (HMAC), what is
-- shown is sealed; docs/threat-model.md says what this still gives away.
ALTER TABLE plan
  ADD COLUMN search_snapshot_id UUID,
  ADD CONSTRAINT plan_workspace_id_search_snapshot_id_fkey FOREIGN KEY (workspace_id, search_snapshot_id) REFERENCES snapshot (workspace_id, id) ON DELETE RESTRICT;

CREATE TABLE search_entry (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    plan_id UUID NOT NULL,
    task_id TEXT NOT NULL,
    first_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    last_snapshot_id UUID NOT NULL,
    last_at TIMESTAMPTZ NOT NULL,
    gone_at TIMESTAMPTZ,
    sealed_summary BYTEA NOT NULL,
    tokens BIGINT[] NOT NULL,

    PRIMARY KEY (workspace_id, plan_id, task_id),
    FOREIGN KEY (workspace_id, plan_id) REFERENCES plan (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, last_snapshot_id) REFERENCES snapshot (workspace_id, id) ON DELETE RESTRICT
);
CREATE INDEX search_entry_tokens ON search_entry USING gin (tokens);
CREATE INDEX search_entry_by_change ON search_entry (workspace_id, changed_at);

ALTER TABLE search_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE search_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON search_entry USING (workspace_id = (SELECT app_workspace())) WITH CHECK (workspace_id = (SELECT app_workspace()));

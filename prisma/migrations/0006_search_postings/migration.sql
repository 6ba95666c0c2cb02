-- Row-level security lets an index serve only comparisons that cannot leak (pg_proc.proleakproof); containment of arrays is none
-- of them, so the tokens of an entry could not be found by an index. Equality is one: a row for each token of a plan lists
-- the tasks that have it. The index is made again by the next backups, or at once by hand.
-- https://www.postgresql.org/docs/current/rules-privileges.html
TRUNCATE search_entry;
ALTER TABLE plan DROP COLUMN search_snapshot_id;
ALTER TABLE plan
  ADD COLUMN search_snapshot_id UUID,
  ADD COLUMN search_numbers INTEGER NOT NULL DEFAULT 0,
  ADD CONSTRAINT plan_workspace_id_search_snapshot_id_fkey FOREIGN KEY (workspace_id, search_snapshot_id) REFERENCES snapshot (workspace_id, id) ON DELETE RESTRICT;

ALTER TABLE search_entry
  DROP COLUMN tokens,
  ADD COLUMN number INTEGER NOT NULL,
  ADD CONSTRAINT search_entry_number UNIQUE (workspace_id, plan_id, number);
DROP INDEX search_entry_by_change;
CREATE INDEX search_entry_by_change ON search_entry (workspace_id, changed_at DESC, plan_id, number);

CREATE TABLE search_posting (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    token BIGINT NOT NULL,
    plan_id UUID NOT NULL,
    tasks INTEGER[] NOT NULL,

    PRIMARY KEY (workspace_id, token, plan_id),
    FOREIGN KEY (workspace_id, plan_id) REFERENCES plan (workspace_id, id) ON DELETE CASCADE
);
ALTER TABLE search_posting ENABLE ROW LEVEL SECURITY;
ALTER TABLE search_posting FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON search_posting USING (workspace_id = (SELECT app_workspace())) WITH CHECK (workspace_id = (SELECT app_workspace()));

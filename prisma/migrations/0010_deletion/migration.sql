-- Deleting a workspace: an owner asks, it can be cancelled for a while, then its keys are destroyed, then its rows and objects.
ALTER TABLE workspace
  ADD COLUMN delete_at TIMESTAMPTZ,
  ADD COLUMN delete_asked_at TIMESTAMPTZ,
  ADD COLUMN delete_asked_by TEXT,
  ADD COLUMN delete_asked_tid UUID,
  ADD COLUMN delete_asked_oid UUID,
  ADD CONSTRAINT asked_whole CHECK (num_nonnulls(delete_at, delete_asked_at, delete_asked_by, delete_asked_tid, delete_asked_oid) IN (0, 5));

-- What stays of a deleted workspace: that it was done, and how much. It outlives the workspace, so it names it without a foreign key.
CREATE TABLE erasure (
    workspace_id UUID PRIMARY KEY,
    asked_at TIMESTAMPTZ NOT NULL,
    asked_tid UUID NOT NULL,
    asked_oid UUID NOT NULL,
    keys_destroyed_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    rows BIGINT NOT NULL DEFAULT 0,
    objects BIGINT,
    bytes BIGINT,
    anchor TEXT
);
ALTER TABLE erasure ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasure FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON erasure USING (workspace_id = (SELECT app_workspace())) WITH CHECK (workspace_id = (SELECT app_workspace()));
CREATE POLICY own_erasures ON erasure FOR SELECT USING (asked_tid = (SELECT app_tid()) AND asked_oid = (SELECT app_oid()));

-- The activity log goes with its workspace and never before it; a workspace goes only when its keys are gone.
ALTER TABLE audit DROP CONSTRAINT audit_workspace_id_fkey,
  ADD CONSTRAINT audit_workspace_id_fkey FOREIGN KEY (workspace_id) REFERENCES workspace (id) ON DELETE CASCADE;
CREATE FUNCTION workspace_erased_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM erasure e WHERE e.workspace_id = OLD.id) OR EXISTS (SELECT 1 FROM workspace_key k WHERE k.workspace_id = OLD.id) THEN
    RAISE EXCEPTION 'a workspace is removed only when its keys are destroyed and that is written down';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER workspace_erased_first BEFORE DELETE ON workspace FOR EACH ROW EXECUTE FUNCTION workspace_erased_first();

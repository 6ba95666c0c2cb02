-- What backups and restores of full fidelity keep: how a snapshot was read, what $expand gives in a Microsoft tenant, the
-- switch for Microsoft's beta interface, and the way back from a restore.
ALTER TABLE microsoft_tenant ADD COLUMN expand JSONB;
ALTER TABLE connection ADD COLUMN extras BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE plan ADD COLUMN empty_accepted_at TIMESTAMPTZ;
ALTER TABLE snapshot ADD COLUMN reading JSONB;
ALTER TABLE restore
  ADD COLUMN undo_of UUID,
  ADD COLUMN before_snapshot_id UUID,
  ADD CONSTRAINT restore_workspace_id_undo_of_fkey FOREIGN KEY (workspace_id, undo_of) REFERENCES restore (workspace_id, id) ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD CONSTRAINT restore_workspace_id_before_snapshot_id_fkey FOREIGN KEY (workspace_id, before_snapshot_id) REFERENCES snapshot (workspace_id, id) ON DELETE RESTRICT ON UPDATE CASCADE;

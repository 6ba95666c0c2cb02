-- What the snapshots of a large plan are opened from; nothing depends on it.
ALTER TABLE plan ADD COLUMN bundle_id TEXT;

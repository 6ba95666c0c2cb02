-- Which key wraps a workspace key: '' is one from before this was noted, wrapped by some installation key.
ALTER TABLE workspace_key
  ADD COLUMN key_id TEXT NOT NULL DEFAULT '',
  -- when everything in the database that an older version had sealed was sealed by this one; NULL: not yet
  ADD COLUMN resealed_at TIMESTAMPTZ;
ALTER TABLE workspace_key ALTER COLUMN key_id DROP DEFAULT;
CREATE INDEX workspace_key_by_key ON workspace_key (key_id);

-- What of a workspace lies in its storage beside the snapshots, so that it can be had back when the database is lost.
ALTER TABLE workspace
  -- of the recovery kit as it was last written
  ADD COLUMN kit_hash TEXT,
  -- when its rows were last copied into the storage
  ADD COLUMN copied_at TIMESTAMPTZ;

-- The installation asks about its own keys: it sees the wrapped keys of all workspaces, and changes none.
CREATE FUNCTION app_installation() RETURNS boolean LANGUAGE sql STABLE
  AS $$ SELECT coalesce(current_setting('app.installation', true), '') = 'on' $$;
CREATE POLICY by_installation ON workspace_key FOR SELECT USING ((SELECT app_installation()));

-- A copy of the rows says which state of the tables it is of.
GRANT USAGE ON SCHEMA migrations TO planback_app;
GRANT SELECT ON migrations.applied TO planback_app;

-- Where the objects of a workspace are kept: one of the installation's storages, or one of its own.
ALTER TABLE workspace ADD COLUMN place TEXT NOT NULL DEFAULT 'files' CHECK (place ~ '^(files|s3|azure|own:[0-9a-f-]{36})$');

-- In immutable mode nobody can remove an object before this time.
ALTER TABLE condemned ADD COLUMN locked_until TIMESTAMPTZ;

-- A bucket or container that a workspace brings along.
CREATE TABLE own_store (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    id UUID NOT NULL,
    driver TEXT NOT NULL CHECK (driver IN ('s3', 'azure')),
    name TEXT NOT NULL,
    sealed_settings BYTEA NOT NULL,
    lock_days INT,
    added_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    checked_at TIMESTAMPTZ NOT NULL DEFAULT now(),

    PRIMARY KEY (workspace_id, id)
);

-- A workspace on its way from one place to another (lib/jobs/storeMove.ts).
CREATE TABLE store_move (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    id UUID NOT NULL,
    from_place TEXT NOT NULL,
    to_place TEXT NOT NULL CHECK (to_place <> from_place),
    state TEXT NOT NULL CHECK (state IN ('copying', 'closing', 'held', 'removing', 'done', 'cancelling', 'cancelled')),
    -- jobs that may still store in the old place only
    waits JSONB,
    -- parts of the workspace that are done in this state
    part INT NOT NULL DEFAULT 0,
    objects INT NOT NULL DEFAULT 0,
    bytes BIGINT NOT NULL DEFAULT 0,
    damaged INT NOT NULL DEFAULT 0,
    problem TEXT,
    started_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    -- everything that was there by then was copied and read back
    copied_at TIMESTAMPTZ,
    switched_at TIMESTAMPTZ,
    remove_after TIMESTAMPTZ,
    finished_at TIMESTAMPTZ,
    lease_epoch INT NOT NULL DEFAULT 0,
    lease_owner TEXT,
    lease_until TIMESTAMPTZ,

    PRIMARY KEY (workspace_id, id),
    CHECK ((finished_at IS NOT NULL) = (state IN ('done', 'cancelled'))),
    CHECK ((switched_at IS NOT NULL) = (state IN ('held', 'removing', 'done')))
);
CREATE UNIQUE INDEX store_move_one ON store_move (workspace_id) WHERE finished_at IS NULL;

ALTER TABLE own_store ENABLE ROW LEVEL SECURITY;
ALTER TABLE own_store FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON own_store USING (workspace_id = (SELECT app_workspace())) WITH CHECK (workspace_id = (SELECT app_workspace()));
ALTER TABLE store_move ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_move FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON store_move USING (workspace_id = (SELECT app_workspace())) WITH CHECK (workspace_id = (SELECT app_workspace()));

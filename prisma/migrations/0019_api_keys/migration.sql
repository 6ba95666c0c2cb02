-- What programs sign in with. A key belongs to the member who made it and never does more than that member may at the time.
CREATE TABLE api_key (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    id UUID NOT NULL,
    secret_hash BYTEA NOT NULL CHECK (octet_length(secret_hash) = 32),
    name TEXT NOT NULL,
    scopes TEXT[] NOT NULL CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['read:status', 'read:content', 'backup', 'restore', 'restore:remove', 'manage']),
    member_id UUID NOT NULL,
    tid UUID NOT NULL,
    oid UUID NOT NULL,
    made_by TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ,
    -- when its allowance is whole again; ahead of now by one interval for each request
    whole_at TIMESTAMPTZ NOT NULL DEFAULT now(),

    PRIMARY KEY (workspace_id, id),
    CHECK (expires_at > created_at AND expires_at <= created_at + interval '366 days')
);
CREATE UNIQUE INDEX api_key_by_secret ON api_key (secret_hash, workspace_id);

-- Requests that were sent with an idempotency key, and what was answered: ids, no content. `outcome_id` is what the request makes or names what it makes.
CREATE TABLE api_request (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    -- the key or member that sent it
    sender_id UUID NOT NULL,
    idempotency_key TEXT NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 255),
    fingerprint BYTEA NOT NULL CHECK (octet_length(fingerprint) = 32),
    outcome_id UUID NOT NULL,
    answer JSONB,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    claimed_at TIMESTAMPTZ NOT NULL DEFAULT now(),

    PRIMARY KEY (workspace_id, sender_id, idempotency_key)
);
CREATE INDEX api_request_by_age ON api_request (workspace_id, created_at);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['api_key', 'api_request'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY by_workspace ON %I USING (workspace_id = (SELECT app_workspace())) WITH CHECK (workspace_id = (SELECT app_workspace()))', t);
  END LOOP;
END $$;
CREATE POLICY by_secret ON api_key FOR SELECT USING (secret_hash = (SELECT app_secret_hash()));

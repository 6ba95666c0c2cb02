-- Who did what, in a chain that shows whether an entry was changed or taken out; what needs a person; who is told of it.
ALTER TABLE workspace
  ADD COLUMN names_in_messages BOOLEAN NOT NULL DEFAULT false,
  ADD COLUMN watched_at TIMESTAMPTZ,
  ADD COLUMN digest_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP;
-- Backups are due by the present schedule since then: a new or changed policy is not late at once.
ALTER TABLE policy ADD COLUMN due_since TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP;

CREATE TABLE audit (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    seq INTEGER NOT NULL CHECK (seq > 0),
    at TIMESTAMPTZ NOT NULL,
    actor_name TEXT NOT NULL,
    actor_tid UUID,
    actor_oid UUID,
    ip TEXT,
    action TEXT NOT NULL CHECK (action ~ '^[a-z]+\.[a-z_]+$'),
    target_kind TEXT,
    target_id TEXT,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
    detail JSONB NOT NULL,
    prev_hash BYTEA NOT NULL CHECK (octet_length(prev_hash) = 32),
    hash BYTEA NOT NULL CHECK (octet_length(hash) = 32),

    PRIMARY KEY (workspace_id, seq)
);
CREATE INDEX audit_by_target ON audit (workspace_id, target_id, at);
CREATE INDEX audit_by_actor ON audit (workspace_id, actor_oid, seq);

-- Entries are only ever added, and only at the end.
REVOKE UPDATE, DELETE ON audit FROM planback_app;
CREATE FUNCTION audit_at_end() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last RECORD;
BEGIN
  SELECT a.seq, a.hash INTO last FROM audit a WHERE a.workspace_id = NEW.workspace_id ORDER BY a.seq DESC LIMIT 1;
  IF NEW.seq <> coalesce(last.seq, 0) + 1 OR NEW.prev_hash <> coalesce(last.hash, decode(repeat('00', 32), 'hex')) THEN
    RAISE EXCEPTION 'an audit entry goes to the end of the chain';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER audit_at_end BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_at_end();

CREATE TABLE incident (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    id UUID NOT NULL,
    event TEXT NOT NULL,
    subject_id UUID NOT NULL,
    facts JSONB NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,

    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX incident_open ON incident (workspace_id, event, subject_id) WHERE closed_at IS NULL;

CREATE TABLE channel (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    id UUID NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('email', 'teams', 'webhook')),
    name TEXT NOT NULL,
    sealed_target BYTEA NOT NULL,
    events TEXT[] NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    PRIMARY KEY (workspace_id, id)
);

CREATE TABLE delivery (
    workspace_id UUID NOT NULL REFERENCES workspace (id),
    id UUID NOT NULL,
    channel_id UUID NOT NULL,
    incident_id UUID,
    event TEXT NOT NULL,
    change TEXT NOT NULL CHECK (change IN ('opened', 'closed', 'happened', 'test')),
    state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    status INTEGER,
    sealed_answer BYTEA,
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    tried_at TIMESTAMPTZ,

    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, channel_id) REFERENCES channel (workspace_id, id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, incident_id) REFERENCES incident (workspace_id, id) ON DELETE RESTRICT
);
CREATE INDEX delivery_by_channel ON delivery (workspace_id, channel_id, created_at);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['audit', 'incident', 'channel', 'delivery']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY by_workspace ON %I USING (workspace_id = (SELECT app_workspace())) WITH CHECK (workspace_id = (SELECT app_workspace()))', t);
  END LOOP;
END $$;

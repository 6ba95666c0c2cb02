-- CreateTable
CREATE TABLE "workspace" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workspace_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workspace_key" (
    "workspace_id" UUID NOT NULL,
    "purpose" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "wrapped_key" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workspace_key_pkey" PRIMARY KEY ("workspace_id","purpose","version")
);

-- CreateTable
CREATE TABLE "member" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "tid" UUID NOT NULL,
    "oid" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "member_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "invitation" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "role" TEXT NOT NULL,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "accepted_at" TIMESTAMPTZ,
    "revoked_at" TIMESTAMPTZ,

    CONSTRAINT "invitation_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "session" (
    "secret_hash" BYTEA NOT NULL,
    "tid" UUID NOT NULL,
    "oid" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "revoked_at" TIMESTAMPTZ,

    CONSTRAINT "session_pkey" PRIMARY KEY ("secret_hash")
);

-- CreateTable
CREATE TABLE "oauth_flow" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "state_hash" BYTEA NOT NULL,
    "kind" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "expected_tid" UUID,
    "connection_id" UUID,
    "consent_link_id" UUID,
    "flow_cookie_hash" BYTEA NOT NULL,
    "session_hash" BYTEA,
    "sealed_secrets" BYTEA,
    "return_to" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "used_at" TIMESTAMPTZ,

    CONSTRAINT "oauth_flow_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "microsoft_tenant" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "tid" UUID NOT NULL,
    "name" TEXT,
    "backup_scopes" TEXT[],
    "backup_proven_at" TIMESTAMPTZ,
    "backup_lost_at" TIMESTAMPTZ,
    "restore_scopes" TEXT[],
    "restore_proven_at" TIMESTAMPTZ,
    "restore_lost_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "microsoft_tenant_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "consent_link" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "purpose" TEXT NOT NULL,
    "tid" UUID NOT NULL,
    "requested_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "opened_at" TIMESTAMPTZ,
    "granted_at" TIMESTAMPTZ,
    "revoked_at" TIMESTAMPTZ,

    CONSTRAINT "consent_link_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "connection" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "microsoft_tenant_id" UUID NOT NULL,
    "oid" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "backup_state" TEXT NOT NULL,
    "restore_state" TEXT NOT NULL,
    "check_state" TEXT,
    "checked_at" TIMESTAMPTZ,
    "sealed_catalogue" BYTEA,
    "catalogue_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removed_at" TIMESTAMPTZ,

    CONSTRAINT "connection_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "token_cache" (
    "workspace_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "purpose" TEXT NOT NULL,
    "sealed_cache" BYTEA NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ,

    CONSTRAINT "token_cache_pkey" PRIMARY KEY ("workspace_id","connection_id","purpose")
);

-- CreateTable
CREATE TABLE "requirement" (
    "workspace_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "id" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "sealed_facts" BYTEA,
    "checked_at" TIMESTAMPTZ,

    CONSTRAINT "requirement_pkey" PRIMARY KEY ("workspace_id","connection_id","id")
);

-- CreateTable
CREATE TABLE "policy" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "selection" JSONB NOT NULL,
    "schedule" JSONB NOT NULL,
    "keep_count" INTEGER,
    "keep_days" INTEGER,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ NOT NULL,
    "removed_at" TIMESTAMPTZ,

    CONSTRAINT "policy_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "plan" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "microsoft_tenant_id" UUID NOT NULL,
    "graph_plan_id" TEXT NOT NULL,
    "group_id" UUID NOT NULL,
    "sealed_names" BYTEA NOT NULL,
    "gone_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "plan_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "run" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "policy_id" UUID NOT NULL,
    "trigger" TEXT NOT NULL,
    "started_by" TEXT,
    "state" TEXT NOT NULL,
    "problem" TEXT,
    "request_key" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ,
    "finished_at" TIMESTAMPTZ,
    "cancel_requested_at" TIMESTAMPTZ,

    CONSTRAINT "run_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "run_plan" (
    "workspace_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "phase" TEXT,
    "done" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER NOT NULL DEFAULT 0,
    "waiting" JSONB,
    "problem" TEXT,
    "snapshot_id" UUID,
    "requests" INTEGER NOT NULL DEFAULT 0,
    "new_bytes" BIGINT NOT NULL DEFAULT 0,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "started_at" TIMESTAMPTZ,
    "finished_at" TIMESTAMPTZ,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "run_plan_pkey" PRIMARY KEY ("workspace_id","run_id","plan_id")
);

-- CreateTable
CREATE TABLE "snapshot" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "plan_id" UUID NOT NULL,
    "run_id" UUID,
    "state" TEXT NOT NULL,
    "manifest_id" TEXT,
    "taken_at" TIMESTAMPTZ NOT NULL,
    "counts" JSONB,
    "gaps" INTEGER NOT NULL DEFAULT 0,
    "quiescent" BOOLEAN NOT NULL DEFAULT false,
    "new_objects" INTEGER NOT NULL DEFAULT 0,
    "new_bytes" BIGINT NOT NULL DEFAULT 0,
    "drift" JSONB,
    "verified_at" TIMESTAMPTZ,
    "damaged" BOOLEAN NOT NULL DEFAULT false,
    "removed_at" TIMESTAMPTZ,

    CONSTRAINT "snapshot_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "restore" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "snapshot_id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "started_by" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "phase" TEXT,
    "done" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER NOT NULL DEFAULT 0,
    "waiting" JSONB,
    "problem" TEXT,
    "sealed_request" BYTEA NOT NULL,
    "sealed_plan" BYTEA,
    "plan_hash" TEXT,
    "sealed_report" BYTEA,
    "request_key" TEXT,
    "lease_epoch" INTEGER NOT NULL DEFAULT 0,
    "lease_owner" TEXT,
    "lease_until" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ,
    "finished_at" TIMESTAMPTZ,
    "cancel_requested_at" TIMESTAMPTZ,

    CONSTRAINT "restore_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateTable
CREATE TABLE "restore_intent" (
    "workspace_id" UUID NOT NULL,
    "restore_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "last_attempt_end" TIMESTAMPTZ,
    "remote_id" TEXT,
    "etag" TEXT,
    "lease_epoch" INTEGER NOT NULL DEFAULT 0,
    "problem" TEXT,
    "updated_at" TIMESTAMPTZ NOT NULL,

    CONSTRAINT "restore_intent_pkey" PRIMARY KEY ("workspace_id","restore_id","seq")
);

-- CreateTable
CREATE TABLE "verification" (
    "workspace_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "started_by" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "done" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER NOT NULL DEFAULT 0,
    "sealed_report" BYTEA,
    "problem" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ,

    CONSTRAINT "verification_pkey" PRIMARY KEY ("workspace_id","id")
);

-- CreateIndex
CREATE INDEX "member_tid_oid_idx" ON "member"("tid", "oid");

-- CreateIndex
CREATE UNIQUE INDEX "member_workspace_id_tid_oid_key" ON "member"("workspace_id", "tid", "oid");

-- CreateIndex
CREATE UNIQUE INDEX "invitation_secret_hash_workspace_id_key" ON "invitation"("secret_hash", "workspace_id");

-- CreateIndex
CREATE INDEX "session_tid_oid_idx" ON "session"("tid", "oid");

-- CreateIndex
CREATE UNIQUE INDEX "oauth_flow_state_hash_workspace_id_key" ON "oauth_flow"("state_hash", "workspace_id");

-- CreateIndex
CREATE UNIQUE INDEX "microsoft_tenant_workspace_id_tid_key" ON "microsoft_tenant"("workspace_id", "tid");

-- CreateIndex
CREATE UNIQUE INDEX "consent_link_secret_hash_workspace_id_key" ON "consent_link"("secret_hash", "workspace_id");

-- CreateIndex
CREATE UNIQUE INDEX "connection_workspace_id_microsoft_tenant_id_oid_key" ON "connection"("workspace_id", "microsoft_tenant_id", "oid");

-- CreateIndex
CREATE UNIQUE INDEX "plan_workspace_id_microsoft_tenant_id_graph_plan_id_key" ON "plan"("workspace_id", "microsoft_tenant_id", "graph_plan_id");

-- CreateIndex
CREATE INDEX "run_workspace_id_created_at_idx" ON "run"("workspace_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "run_workspace_id_request_key_key" ON "run"("workspace_id", "request_key");

-- CreateIndex
CREATE INDEX "snapshot_workspace_id_plan_id_taken_at_idx" ON "snapshot"("workspace_id", "plan_id", "taken_at");

-- CreateIndex
CREATE UNIQUE INDEX "restore_workspace_id_request_key_key" ON "restore"("workspace_id", "request_key");

-- CreateIndex
CREATE UNIQUE INDEX "restore_intent_workspace_id_restore_id_remote_id_key" ON "restore_intent"("workspace_id", "restore_id", "remote_id");

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_workspace_id_microsoft_tenant_id_fkey" FOREIGN KEY ("workspace_id", "microsoft_tenant_id") REFERENCES "microsoft_tenant"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "token_cache" ADD CONSTRAINT "token_cache_workspace_id_connection_id_fkey" FOREIGN KEY ("workspace_id", "connection_id") REFERENCES "connection"("workspace_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "requirement" ADD CONSTRAINT "requirement_workspace_id_connection_id_fkey" FOREIGN KEY ("workspace_id", "connection_id") REFERENCES "connection"("workspace_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy" ADD CONSTRAINT "policy_workspace_id_connection_id_fkey" FOREIGN KEY ("workspace_id", "connection_id") REFERENCES "connection"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "plan" ADD CONSTRAINT "plan_workspace_id_microsoft_tenant_id_fkey" FOREIGN KEY ("workspace_id", "microsoft_tenant_id") REFERENCES "microsoft_tenant"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run" ADD CONSTRAINT "run_workspace_id_policy_id_fkey" FOREIGN KEY ("workspace_id", "policy_id") REFERENCES "policy"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_plan" ADD CONSTRAINT "run_plan_workspace_id_run_id_fkey" FOREIGN KEY ("workspace_id", "run_id") REFERENCES "run"("workspace_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_plan" ADD CONSTRAINT "run_plan_workspace_id_plan_id_fkey" FOREIGN KEY ("workspace_id", "plan_id") REFERENCES "plan"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "snapshot" ADD CONSTRAINT "snapshot_workspace_id_plan_id_fkey" FOREIGN KEY ("workspace_id", "plan_id") REFERENCES "plan"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "snapshot" ADD CONSTRAINT "snapshot_workspace_id_run_id_fkey" FOREIGN KEY ("workspace_id", "run_id") REFERENCES "run"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "restore" ADD CONSTRAINT "restore_workspace_id_snapshot_id_fkey" FOREIGN KEY ("workspace_id", "snapshot_id") REFERENCES "snapshot"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "restore" ADD CONSTRAINT "restore_workspace_id_connection_id_fkey" FOREIGN KEY ("workspace_id", "connection_id") REFERENCES "connection"("workspace_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "restore_intent" ADD CONSTRAINT "restore_intent_workspace_id_restore_id_fkey" FOREIGN KEY ("workspace_id", "restore_id") REFERENCES "restore"("workspace_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;



-- Every row belongs to an existing workspace.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['workspace_key', 'member', 'invitation', 'oauth_flow', 'microsoft_tenant', 'consent_link',
    'connection', 'token_cache', 'requirement', 'policy', 'plan', 'run', 'run_plan', 'snapshot', 'restore',
    'restore_intent', 'verification']
  LOOP
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I FOREIGN KEY (workspace_id) REFERENCES workspace (id)', t, t || '_workspace_fkey');
  END LOOP;
END $$;

-- Closed sets. A state outside them is a programming error and must not be stored.
ALTER TABLE workspace ADD CHECK (char_length(name) BETWEEN 1 AND 200);
ALTER TABLE workspace_key ADD CHECK (purpose IN ('content', 'index', 'token')), ADD CHECK (version > 0);
ALTER TABLE member ADD CHECK (role IN ('owner', 'admin', 'operator', 'viewer'));
ALTER TABLE invitation ADD CHECK (role IN ('owner', 'admin', 'operator', 'viewer')), ADD CHECK (octet_length(secret_hash) = 32);
ALTER TABLE session ADD CHECK (octet_length(secret_hash) = 32);
ALTER TABLE oauth_flow
  ADD CHECK (kind IN ('consent', 'prove', 'connect')),
  ADD CHECK (purpose IN ('backup', 'restore')),
  ADD CHECK (octet_length(state_hash) = 32),
  ADD CHECK (octet_length(flow_cookie_hash) = 32);
ALTER TABLE consent_link ADD CHECK (purpose IN ('backup', 'restore')), ADD CHECK (octet_length(secret_hash) = 32);
ALTER TABLE connection
  ADD CHECK (backup_state IN ('active', 'needs_sign_in', 'consent_missing')),
  ADD CHECK (restore_state IN ('none', 'active', 'needs_sign_in', 'consent_missing')),
  ADD CHECK (check_state IN ('checking'));
ALTER TABLE token_cache ADD CHECK (purpose IN ('backup', 'restore'));
ALTER TABLE requirement
  ADD CHECK (purpose IN ('backup', 'restore')),
  ADD CHECK (state IN ('met', 'unmet', 'unknown', 'not_needed', 'checking'));
ALTER TABLE policy ADD CHECK (keep_count > 0), ADD CHECK (keep_days > 0);
ALTER TABLE run
  ADD CHECK (trigger IN ('manual', 'schedule')),
  ADD CHECK (state IN ('queued', 'running', 'complete', 'partial', 'failed', 'cancelled'));
ALTER TABLE run_plan ADD CHECK (state IN ('queued', 'running', 'complete', 'partial', 'failed', 'cancelled'));
ALTER TABLE snapshot
  ADD CHECK (state IN ('open', 'complete', 'partial')),
  ADD CHECK (state = 'open' OR (manifest_id IS NOT NULL AND counts IS NOT NULL));
ALTER TABLE restore ADD CHECK (state IN
  ('planning', 'planned', 'blocked', 'running', 'waiting', 'verifying', 'verified', 'different', 'failed', 'cancelled'));
ALTER TABLE restore_intent ADD CHECK (state IN ('pending', 'inflight', 'unknown', 'done', 'failed', 'skipped'));
ALTER TABLE verification ADD CHECK (state IN ('queued', 'running', 'clean', 'damaged', 'failed', 'cancelled'));

-- Who is asking. Each is set for one transaction (lib/db/index.ts); unset or empty is NULL and matches nothing.
CREATE FUNCTION app_workspace() RETURNS uuid LANGUAGE sql STABLE
  AS $$ SELECT nullif(current_setting('app.workspace_id', true), '')::uuid $$;
CREATE FUNCTION app_tid() RETURNS uuid LANGUAGE sql STABLE
  AS $$ SELECT nullif(current_setting('app.tid', true), '')::uuid $$;
CREATE FUNCTION app_oid() RETURNS uuid LANGUAGE sql STABLE
  AS $$ SELECT nullif(current_setting('app.oid', true), '')::uuid $$;
CREATE FUNCTION app_secret_hash() RETURNS bytea LANGUAGE sql STABLE
  AS $$ SELECT decode(nullif(current_setting('app.secret_hash', true), ''), 'hex') $$;

-- The role that web and worker take on. It owns nothing, is no superuser and cannot go around the policies.
DO $$
BEGIN
  CREATE ROLE planback_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- roles belong to the server, another database of it has made this one
END $$;
GRANT USAGE ON SCHEMA public TO planback_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO planback_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO planback_app;

-- A workspace's rows are seen and written only by a transaction that has set this workspace.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['workspace_key', 'member', 'invitation', 'oauth_flow', 'microsoft_tenant', 'consent_link',
    'connection', 'token_cache', 'requirement', 'policy', 'plan', 'run', 'run_plan', 'snapshot', 'restore',
    'restore_intent', 'verification']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY by_workspace ON %I USING (workspace_id = (SELECT app_workspace())) WITH CHECK (workspace_id = (SELECT app_workspace()))', t);
  END LOOP;
END $$;

ALTER TABLE workspace ENABLE ROW LEVEL SECURITY;
ALTER TABLE workspace FORCE ROW LEVEL SECURITY;
CREATE POLICY by_workspace ON workspace
  USING (id = (SELECT app_workspace())) WITH CHECK (id = (SELECT app_workspace()));

-- A person sees his own memberships and the workspaces they name: that is the list of his workspaces.
CREATE POLICY own_memberships ON member FOR SELECT
  USING (tid = (SELECT app_tid()) AND oid = (SELECT app_oid()));
CREATE POLICY own_workspaces ON workspace FOR SELECT
  USING (EXISTS (SELECT 1 FROM member m WHERE m.workspace_id = workspace.id AND m.tid = (SELECT app_tid()) AND m.oid = (SELECT app_oid())));

-- A session belongs to a person: visible to him, and to whoever holds its secret.
ALTER TABLE session ENABLE ROW LEVEL SECURITY;
ALTER TABLE session FORCE ROW LEVEL SECURITY;
CREATE POLICY by_person_or_secret ON session
  USING (secret_hash = (SELECT app_secret_hash()) OR (tid = (SELECT app_tid()) AND oid = (SELECT app_oid())))
  WITH CHECK (secret_hash = (SELECT app_secret_hash()) OR (tid = (SELECT app_tid()) AND oid = (SELECT app_oid())));

-- Who holds the secret of a link may read the one row behind it, and learns from it which workspace to enter.
CREATE POLICY by_secret ON invitation FOR SELECT USING (secret_hash = (SELECT app_secret_hash()));
CREATE POLICY by_secret ON consent_link FOR SELECT USING (secret_hash = (SELECT app_secret_hash()));
CREATE POLICY by_secret ON oauth_flow FOR SELECT USING (state_hash = (SELECT app_secret_hash()));

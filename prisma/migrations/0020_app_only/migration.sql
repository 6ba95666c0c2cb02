-- App-only connections: Planback reads a whole Microsoft tenant as an application; nobody signs in. And Microsoft tenants in
-- Microsoft's national clouds.
ALTER TABLE microsoft_tenant
  ADD COLUMN cloud TEXT NOT NULL DEFAULT 'global' CHECK (cloud IN ('global', 'usGov', 'usGovDod')),
  ADD COLUMN app_only_roles TEXT[] NOT NULL DEFAULT '{}',
  ADD COLUMN app_only_proven_at TIMESTAMPTZ,
  ADD COLUMN app_only_lost_at TIMESTAMPTZ;

ALTER TABLE oauth_flow
  DROP CONSTRAINT oauth_flow_purpose_check, ADD CONSTRAINT oauth_flow_purpose_check CHECK (purpose IN ('backup', 'restore', 'app_only')),
  ADD COLUMN cloud TEXT NOT NULL DEFAULT 'global' CHECK (cloud IN ('global', 'usGov', 'usGovDod'));
ALTER TABLE consent_link
  DROP CONSTRAINT consent_link_purpose_check, ADD CONSTRAINT consent_link_purpose_check CHECK (purpose IN ('backup', 'restore', 'app_only')),
  ADD COLUMN cloud TEXT NOT NULL DEFAULT 'global' CHECK (cloud IN ('global', 'usGov', 'usGovDod'));

-- An application writes nothing, and a Microsoft tenant is read by one of them.
ALTER TABLE connection
  ADD COLUMN kind TEXT NOT NULL DEFAULT 'account' CHECK (kind IN ('account', 'app_only')),
  ADD CHECK (kind = 'account' OR restore_state = 'none');
CREATE UNIQUE INDEX connection_app_only ON connection (workspace_id, microsoft_tenant_id) WHERE kind = 'app_only';

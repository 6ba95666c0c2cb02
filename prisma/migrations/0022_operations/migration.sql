-- What the operator of the installation sees: processes, and counts over all workspaces. Row-level security stays forced:
-- a role of its own may read the columns that are counted, nobody can become it, and its functions give out nothing else.
CREATE SCHEMA operations;
GRANT USAGE ON SCHEMA operations TO planback_app;

-- Web and worker processes that are alive. Nothing of any workspace.
CREATE TABLE operations.process (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('web', 'worker')),
    version TEXT NOT NULL,
    host TEXT NOT NULL,
    -- what Microsoft asked this process to be silent for: [{key, place, until}]
    pauses JSONB NOT NULL DEFAULT '[]',
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    seen_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON operations.process TO planback_app;

DO $$
BEGIN
  CREATE ROLE planback_counts NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- roles belong to the server, another database of it has made this one
END $$;
GRANT planback_counts TO CURRENT_USER;
GRANT USAGE ON SCHEMA public TO planback_counts;

-- The columns that are counted, and those that the policies by group look at.
GRANT SELECT (workspace_id, id, group_id) ON plan TO planback_counts;
GRANT SELECT (workspace_id, id, selection) ON policy TO planback_counts;
GRANT SELECT (workspace_id, id, plan_id, run_id, new_bytes, state, removed_at) ON snapshot TO planback_counts;
GRANT SELECT (workspace_id, bytes) ON prune TO planback_counts;
GRANT SELECT (workspace_id, id, policy_id, state, problem, finished_at) ON run TO planback_counts;
GRANT SELECT (workspace_id, run_id, plan_id, state, finished_at) ON run_plan TO planback_counts;
GRANT SELECT (workspace_id, id, snapshot_id, target_group_id, drill_of, state, finished_at) ON restore TO planback_counts;
GRANT SELECT (state, finished_at) ON verification TO planback_counts;
GRANT SELECT (state, tried_at) ON delivery TO planback_counts;
GRANT SELECT (tid) ON microsoft_tenant TO planback_counts;
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['plan', 'policy', 'snapshot', 'prune', 'run', 'run_plan', 'restore', 'verification', 'delivery', 'microsoft_tenant']
  LOOP
    EXECUTE format('CREATE POLICY counted ON %I FOR SELECT TO planback_counts USING (true)', t);
  END LOOP;
END $$;

CREATE FUNCTION operations.storage() RETURNS TABLE (workspace_id uuid, plans bigint, snapshots bigint, bytes bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT workspace_id, sum(plans)::bigint, sum(snapshots)::bigint, sum(bytes)::bigint FROM (
    SELECT workspace_id, count(*) AS plans, 0 AS snapshots, 0 AS bytes FROM plan GROUP BY workspace_id
    UNION ALL
    SELECT workspace_id, 0, count(*) FILTER (WHERE state IN ('complete', 'partial') AND removed_at IS NULL), sum(new_bytes) FROM snapshot GROUP BY workspace_id
    UNION ALL
    SELECT workspace_id, 0, 0, -sum(bytes) FROM prune GROUP BY workspace_id
  ) each GROUP BY workspace_id ORDER BY 4 DESC, 1
$$;

-- `detail` is a code of ours, never a sentence.
CREATE FUNCTION operations.failures(since timestamptz) RETURNS TABLE (kind text, detail text, count bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT 'run', CASE WHEN problem ~ '^[a-z_]{1,40}$' THEN problem ELSE state END, count(*) FROM run WHERE finished_at >= since AND state IN ('failed', 'partial') GROUP BY 1, 2
  UNION ALL SELECT 'capture', state, count(*) FROM run_plan WHERE finished_at >= since AND state IN ('failed', 'partial') GROUP BY 1, 2
  UNION ALL SELECT CASE WHEN drill_of IS NULL THEN 'restore' ELSE 'drill' END, state, count(*) FROM restore WHERE finished_at >= since AND state IN ('failed', 'different') GROUP BY 1, 2
  UNION ALL SELECT 'verification', state, count(*) FROM verification WHERE finished_at >= since AND state IN ('failed', 'damaged') GROUP BY 1, 2
  UNION ALL SELECT 'message', state, count(*) FROM delivery WHERE tried_at >= since AND state = 'failed' GROUP BY 1, 2
  ORDER BY 3 DESC, 1, 2
$$;

CREATE FUNCTION operations.tenants() RETURNS TABLE (tid uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$ SELECT DISTINCT tid FROM microsoft_tenant $$;

GRANT USAGE, CREATE ON SCHEMA operations TO planback_counts;
ALTER FUNCTION operations.storage() OWNER TO planback_counts;
ALTER FUNCTION operations.failures(timestamptz) OWNER TO planback_counts;
ALTER FUNCTION operations.tenants() OWNER TO planback_counts;
REVOKE CREATE ON SCHEMA operations FROM planback_counts;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA operations FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA operations TO planback_app;

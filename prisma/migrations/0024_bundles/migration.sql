-- What the snapshots of a large plan are opened from; nothing depends on it.
ALTER TABLE plan
  ADD COLUMN bundle_id TEXT,
  ADD COLUMN bundle_bytes BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN bundled_at TIMESTAMPTZ;
ALTER TABLE condemned DROP CONSTRAINT condemned_type_check, ADD CONSTRAINT condemned_type_check CHECK (type IN ('manifest', 'page', 'segment', 'file', 'bundle'));

-- They take storage, too. What cleaning gives back is counted without those of before.
GRANT SELECT (bundle_bytes) ON plan TO planback_counts;
CREATE OR REPLACE FUNCTION operations.storage() RETURNS TABLE (workspace_id uuid, plans bigint, snapshots bigint, bytes bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT workspace_id, sum(plans)::bigint, sum(snapshots)::bigint, sum(bytes)::bigint FROM (
    SELECT workspace_id, count(*) AS plans, 0 AS snapshots, sum(bundle_bytes) AS bytes FROM plan GROUP BY workspace_id
    UNION ALL
    SELECT workspace_id, 0, count(*) FILTER (WHERE state IN ('complete', 'partial') AND removed_at IS NULL), sum(new_bytes) FROM snapshot GROUP BY workspace_id
    UNION ALL
    SELECT workspace_id, 0, 0, -sum(bytes) FROM prune GROUP BY workspace_id
  ) each GROUP BY workspace_id ORDER BY 4 DESC, 1
$$;

-- Nightly copies of the rows that are late or fail, for the operator.
ALTER TABLE workspace
  -- the code of what stopped the last attempt; null: it was made
  ADD COLUMN copy_problem TEXT CHECK (copy_problem ~ '^[a-z_]{1,40}$');

GRANT SELECT (id, created_at, copied_at, copy_problem, delete_at) ON workspace TO planback_counts;
GRANT SELECT (workspace_id, switched_at) ON store_move TO planback_counts;
CREATE POLICY counted ON workspace FOR SELECT TO planback_counts USING (true);
CREATE POLICY counted ON store_move FOR SELECT TO planback_counts USING (true);

-- After a move the first copy at the new place is due from the switch on. What is about to be deleted is copied all the same, until it is.
CREATE FUNCTION operations.copies(before timestamptz) RETURNS TABLE (workspace_id uuid, copied_at timestamptz, problem text, late boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM (
    SELECT w.id, w.copied_at, w.copy_problem,
      coalesce(w.copied_at, greatest(w.created_at, (SELECT max(m.switched_at) FROM store_move m WHERE m.workspace_id = w.id))) < before AS late FROM workspace w
  ) each WHERE late OR copy_problem IS NOT NULL ORDER BY copied_at NULLS FIRST, id
$$;

GRANT USAGE, CREATE ON SCHEMA operations TO planback_counts;
ALTER FUNCTION operations.copies(timestamptz) OWNER TO planback_counts;
REVOKE CREATE ON SCHEMA operations FROM planback_counts;
REVOKE ALL ON FUNCTION operations.copies(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION operations.copies(timestamptz) TO planback_app;

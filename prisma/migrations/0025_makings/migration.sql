-- Restores of different workspaces that use one account in one group: what another one has made is never taken for one's own.
-- The role that counts over all workspaces may say of Microsoft's ids, which nobody can guess, whether a journal names them,
-- and of turns, which are hashes, whether somebody has them. It says nothing else of either.
DROP INDEX restore_intent_by_remote_id;
CREATE INDEX restore_intent_by_remote_id ON restore_intent (remote_id) WHERE remote_id IS NOT NULL;

GRANT SELECT (workspace_id, restore_id, remote_id) ON restore_intent TO planback_counts;
GRANT SELECT (writes_to, holds_turn) ON restore TO planback_counts;
CREATE POLICY counted ON restore_intent FOR SELECT TO planback_counts USING (true);

CREATE FUNCTION operations.journaled(ids text[]) RETURNS TABLE (remote_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT i.remote_id FROM restore_intent i WHERE i.remote_id = ANY (ids)
$$;

CREATE FUNCTION operations.turn_is_held(keys text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM restore WHERE holds_turn AND writes_to = ANY (keys))
$$;

GRANT CREATE ON SCHEMA operations TO planback_counts;
ALTER FUNCTION operations.journaled(text[]) OWNER TO planback_counts;
ALTER FUNCTION operations.turn_is_held(text[]) OWNER TO planback_counts;
REVOKE CREATE ON SCHEMA operations FROM planback_counts;
REVOKE ALL ON FUNCTION operations.journaled(text[]), operations.turn_is_held(text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION operations.journaled(text[]), operations.turn_is_held(text[]) TO planback_app;

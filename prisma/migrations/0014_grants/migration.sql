-- Members see the content of all groups, or of chosen ones. An owner sees all.
ALTER TABLE member
  ADD COLUMN all_groups BOOLEAN NOT NULL DEFAULT true,
  ADD COLUMN groups UUID[] NOT NULL DEFAULT '{}',
  ADD CHECK (NOT all_groups OR groups = '{}'), ADD CHECK (role <> 'owner' OR all_groups);
ALTER TABLE invitation
  ADD COLUMN all_groups BOOLEAN NOT NULL DEFAULT true,
  ADD COLUMN groups UUID[] NOT NULL DEFAULT '{}',
  ADD CHECK (NOT all_groups OR groups = '{}'), ADD CHECK (role <> 'owner' OR all_groups);

-- The group that is restored into; null: not known, or one that does not exist yet.
ALTER TABLE restore ADD COLUMN target_group_id UUID;

-- The groups that who is asking may see, set for one transaction; NULL: all.
CREATE FUNCTION app_groups() RETURNS uuid[] LANGUAGE sql STABLE
  AS $$ SELECT nullif(current_setting('app.groups', true), '')::uuid[] $$;

-- On top of the wall around the workspace: a transaction that has named groups sees and writes what belongs to them only.
CREATE POLICY by_group ON plan AS RESTRICTIVE
  USING ((SELECT app_groups()) IS NULL OR group_id = ANY ((SELECT app_groups())::uuid[]))
  WITH CHECK ((SELECT app_groups()) IS NULL OR group_id = ANY ((SELECT app_groups())::uuid[]));

DO $$
DECLARE
  t text;
  seen text;
BEGIN
  FOR t, seen IN VALUES
    ('snapshot', 'plan_id IN (SELECT p.id FROM plan p)'),
    ('run_plan', 'plan_id IN (SELECT p.id FROM plan p)'),
    ('live_reading', 'plan_id IN (SELECT p.id FROM plan p)'),
    ('loss', 'plan_id IN (SELECT p.id FROM plan p)'),
    ('search_entry', 'plan_id IN (SELECT p.id FROM plan p)'),
    ('search_posting', 'plan_id IN (SELECT p.id FROM plan p)'),
    ('run', 'EXISTS (SELECT FROM run_plan i WHERE i.workspace_id = run.workspace_id AND i.run_id = run.id)
      OR EXISTS (SELECT FROM policy p, jsonb_array_elements(p.selection -> ''groups'') g WHERE p.workspace_id = run.workspace_id AND p.id = run.policy_id
        AND (g ->> ''groupId'')::uuid = ANY ((SELECT app_groups())::uuid[]))'),
    ('restore', 'target_group_id = ANY ((SELECT app_groups())::uuid[])
      AND EXISTS (SELECT FROM snapshot s WHERE s.workspace_id = restore.workspace_id AND s.id = restore.snapshot_id)'),
    ('restore_intent', 'EXISTS (SELECT FROM restore r WHERE r.workspace_id = restore_intent.workspace_id AND r.id = restore_intent.restore_id)')
  LOOP
    EXECUTE format('CREATE POLICY by_group ON %I AS RESTRICTIVE USING ((SELECT app_groups()) IS NULL OR %s) WITH CHECK ((SELECT app_groups()) IS NULL OR %s)', t, seen, seen);
  END LOOP;
END $$;

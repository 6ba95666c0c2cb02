-- One restore at a time writes into a plan of Microsoft 365, whichever workspace it is of.
ALTER TABLE restore
  -- the plan that it writes into, as a hash; null: one that it has yet to make
  ADD COLUMN writes_to TEXT,
  ADD COLUMN holds_turn BOOLEAN NOT NULL DEFAULT false,
  -- since when it waits for its turn
  ADD COLUMN turn_asked_at TIMESTAMPTZ;
CREATE UNIQUE INDEX restore_one_turn ON restore (writes_to) WHERE holds_turn;
CREATE INDEX restore_by_turn ON restore (workspace_id, turn_asked_at) WHERE turn_asked_at IS NOT NULL;

-- Who holds an object is asked before it is adopted, and when it is written down.
CREATE INDEX restore_intent_by_remote_id ON restore_intent (workspace_id, remote_id) WHERE remote_id IS NOT NULL;

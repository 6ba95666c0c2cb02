-- Whoever is told of failed backups is told of failed drills too. Forced policies hold for the owner as well.
ALTER TABLE channel NO FORCE ROW LEVEL SECURITY;
UPDATE channel SET events = events || ARRAY['drill.absent', 'drill.failed', 'drill.left'] WHERE 'backup.failed' = ANY (events);
ALTER TABLE channel FORCE ROW LEVEL SECURITY;

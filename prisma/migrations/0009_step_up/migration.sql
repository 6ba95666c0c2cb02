-- When the person last proved to Microsoft who he is; a session that began before this was known has proved nothing lately.
ALTER TABLE session ADD COLUMN authenticated_at TIMESTAMPTZ NOT NULL DEFAULT 'epoch';
ALTER TABLE session ALTER COLUMN authenticated_at DROP DEFAULT;

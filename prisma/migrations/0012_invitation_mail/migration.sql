-- An invitation that is sent by e-mail: its link is kept, sealed, until the message is delivered or given up.
ALTER TABLE invitation
  ADD COLUMN mail_state TEXT CHECK (mail_state IN ('queued', 'sent', 'failed')),
  ADD COLUMN sealed_mail BYTEA,
  ADD CHECK (sealed_mail IS NULL OR mail_state = 'queued');

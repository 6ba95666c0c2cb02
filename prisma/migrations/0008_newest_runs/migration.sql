-- The newest run of each policy and the newest message of each channel are asked for by every overview and every watch.
CREATE INDEX run_by_policy ON run (workspace_id, policy_id, finished_at);
CREATE INDEX delivery_by_attempt ON delivery (workspace_id, channel_id, tried_at);

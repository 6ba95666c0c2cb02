-- Of so many days, weeks, months and years that have a snapshot, the newest of each is kept.
ALTER TABLE policy
  ADD COLUMN keep_daily INT CHECK (keep_daily > 0),
  ADD COLUMN keep_weekly INT CHECK (keep_weekly > 0),
  ADD COLUMN keep_monthly INT CHECK (keep_monthly > 0),
  ADD COLUMN keep_yearly INT CHECK (keep_yearly > 0);

-- How much of a log was told while its build runs, when it was last read for that,
-- and the reply that shows it.
ALTER TABLE deployments ADD COLUMN tailed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deployments ADD COLUMN tailed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE threads ADD COLUMN tail TEXT NOT NULL DEFAULT '';

-- When a thread was last saved or spoken in, so that it can be forgotten once it
-- is over. Of older threads only their beginning is known.
ALTER TABLE threads ADD COLUMN touched_at BIGINT NOT NULL DEFAULT 0;
UPDATE threads SET touched_at = created_at;
CREATE INDEX threads_touched ON threads (touched_at, id);
CREATE INDEX deployments_changed ON deployments (changed_at, project, id) WHERE NOT followed;
CREATE INDEX lives_deployment ON lives (project, deployment);

-- Since when the looks at a project fail, and which threads were told of it. The
-- row goes when they no longer do.
CREATE TABLE outages (
  project TEXT PRIMARY KEY,
  since   BIGINT NOT NULL,
  told    TEXT NOT NULL
);

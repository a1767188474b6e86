-- What waits for agreement, what is locked, and who did what.
CREATE INDEX actions_requested ON actions (project, created_at) WHERE state = 'requested';

CREATE TABLE locks (
  id        TEXT PRIMARY KEY,
  project   TEXT NOT NULL,
  since     BIGINT NOT NULL,
  document  TEXT NOT NULL
);
CREATE INDEX locks_project ON locks (project, since);

ALTER TABLE threads ADD COLUMN lock_id TEXT NOT NULL DEFAULT '';
CREATE INDEX threads_lock ON threads (lock_id) WHERE lock_id <> '';
CREATE INDEX threads_project ON threads (project, created_at);

-- The history is only ever added to. Its numbers are in the order of the
-- commits.
CREATE TABLE history (
  seq      BIGINT PRIMARY KEY,
  key      TEXT NOT NULL UNIQUE,
  at       BIGINT NOT NULL,
  project  TEXT NOT NULL,
  person   TEXT NOT NULL,
  document TEXT NOT NULL
);
CREATE INDEX history_at ON history (at);
CREATE INDEX history_project ON history (project, seq);
CREATE INDEX history_person ON history (person, seq);

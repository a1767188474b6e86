-- What the channels listen to.
CREATE TABLE watches (
  id       TEXT PRIMARY KEY,
  channel  TEXT NOT NULL,
  since    BIGINT NOT NULL,
  ended    BOOLEAN NOT NULL DEFAULT FALSE,
  document TEXT NOT NULL
);
CREATE INDEX watches_open ON watches (channel, since) WHERE NOT ended;

-- Each project of the account as a sweep last saw it.
CREATE TABLE sightings (
  project  TEXT PRIMARY KEY,
  seen_at  BIGINT NOT NULL,
  document TEXT NOT NULL
);

-- How the newest deployment of each branch that succeeded or failed ended.
CREATE TABLE standings (
  project     TEXT NOT NULL,
  environment TEXT NOT NULL,
  branch      TEXT NOT NULL,
  document    TEXT NOT NULL,
  PRIMARY KEY (project, environment, branch)
);

-- The watch for which a thread was begun, what it is about beside a deployment
-- that was started, what was live before, and whether the end is still to be told.
ALTER TABLE threads ADD COLUMN watch TEXT NOT NULL DEFAULT '';
ALTER TABLE threads ADD COLUMN news TEXT NOT NULL DEFAULT '';
ALTER TABLE threads ADD COLUMN came_from TEXT NOT NULL DEFAULT '';
ALTER TABLE threads ADD COLUMN awaits BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX threads_watch ON threads (watch, created_at) WHERE watch <> '';
CREATE INDEX actions_calling ON actions (project) WHERE state = 'calling';

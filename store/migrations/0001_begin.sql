-- One schema for SQLite and PostgreSQL. Times are microseconds since 1970 in
-- UTC, 0 where there is none; documents are JSON.
CREATE TABLE envelopes (
  id          TEXT PRIMARY KEY,
  payload     TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  done_at     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX envelopes_done ON envelopes (done_at, recorded_at);

CREATE TABLE actions (
  id         TEXT PRIMARY KEY,
  envelope   TEXT NOT NULL UNIQUE,
  kind       TEXT NOT NULL,
  project    TEXT NOT NULL,
  target     TEXT NOT NULL,
  press      TEXT NOT NULL,
  state      TEXT NOT NULL,
  result     TEXT NOT NULL,
  lost_at    BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  document   TEXT NOT NULL
);
CREATE INDEX actions_press ON actions (press);
CREATE INDEX actions_target ON actions (project, kind, target, state);
CREATE INDEX actions_result ON actions (project, result);
CREATE INDEX actions_lost ON actions (project, created_at) WHERE lost_at <> 0;

CREATE TABLE deployments (
  project    TEXT NOT NULL,
  id         TEXT NOT NULL,
  short_id   TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  followed   BOOLEAN NOT NULL DEFAULT FALSE,
  since      BIGINT NOT NULL DEFAULT 0,
  changed_at BIGINT NOT NULL,
  document   TEXT NOT NULL,
  PRIMARY KEY (project, id)
);
CREATE INDEX deployments_short ON deployments (short_id);
CREATE INDEX deployments_id ON deployments (id);
CREATE INDEX deployments_followed ON deployments (project, since) WHERE followed;

CREATE TABLE threads (
  id         TEXT PRIMARY KEY,
  channel    TEXT NOT NULL,
  root       TEXT NOT NULL,
  project    TEXT NOT NULL,
  deployment TEXT NOT NULL,
  action     TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  lost       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX threads_deployment ON threads (project, deployment);
CREATE INDEX threads_root ON threads (channel, root);

-- A message's body is emptied once it was sent: from then on it is Slack's.
-- The row stays, because its number must never be given out again.
CREATE TABLE messages (
  thread   TEXT NOT NULL REFERENCES threads (id),
  seq      BIGINT NOT NULL,
  kind     TEXT NOT NULL,
  body     TEXT NOT NULL,
  state    TEXT NOT NULL,
  ts       TEXT NOT NULL DEFAULT '',
  reason   TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (thread, seq)
);
CREATE INDEX messages_unsent ON messages (thread, seq) WHERE state IN ('waiting', 'sending');

CREATE TABLE lives (
  project    TEXT NOT NULL,
  seq        BIGINT NOT NULL,
  deployment TEXT NOT NULL,
  since      BIGINT NOT NULL,
  PRIMARY KEY (project, seq)
);

-- How often each project was woken, so that a look that is under way can see
-- at its end that somebody wants another.
CREATE TABLE wakes (
  project TEXT PRIMARY KEY,
  wanted  BIGINT NOT NULL
);

CREATE TABLE facts (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

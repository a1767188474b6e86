-- Who opened the bot's Home tab, in which channel of their own with the bot, when
-- it was last drawn for them, and what names that which it shows.
CREATE TABLE homes (
  person    TEXT PRIMARY KEY,
  channel   TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  drawn_at  BIGINT NOT NULL DEFAULT 0,
  digest    TEXT NOT NULL DEFAULT ''
);
CREATE INDEX homes_opened ON homes (opened_at);

-- The locks that were not lifted. Those from before all count as such, and their
-- documents say better; they are few.
ALTER TABLE locks ADD COLUMN held BOOLEAN NOT NULL DEFAULT TRUE;
CREATE INDEX locks_held ON locks (project, since) WHERE held;

-- The checks of live sites that are under way. A row goes when its check has ended.
CREATE TABLE checks (
  id       TEXT PRIMARY KEY,
  document TEXT NOT NULL
);

/** Schema 3: what was chosen and predicted for a run, how it ran out of memory, its telemetry, and probes of the machine. Never edited once released. */
export const memoryMigration = `
ALTER TABLE runs ADD COLUMN chosen_json TEXT;
ALTER TABLE runs ADD COLUMN prediction_json TEXT;
ALTER TABLE runs ADD COLUMN memory_failure_json TEXT;
ALTER TABLE runs ADD COLUMN retry_of TEXT;

CREATE TABLE probes (
  kind TEXT NOT NULL CHECK (kind IN ('network', 'row')),
  -- Device, threads and workers at a time; model or row; versions of everything that computes.
  circumstances TEXT NOT NULL,
  subject TEXT NOT NULL,
  version TEXT NOT NULL,
  size TEXT NOT NULL,
  result_json TEXT NOT NULL,
  created_at TEXT NOT NULL,
  PRIMARY KEY (kind, circumstances, subject, version, size)
) STRICT, WITHOUT ROWID;

-- Takes the place of memory_samples: one line holds many moments, samples are float32 in order of time, columns in order of columns_json.
CREATE TABLE telemetry (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  columns_json TEXT NOT NULL,
  steps_json TEXT NOT NULL,
  samples BLOB NOT NULL
) STRICT;
CREATE INDEX telemetry_by_run ON telemetry (run_id);
DROP TABLE memory_samples;
`;

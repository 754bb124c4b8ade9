/** Schema 1: experiments, runs, iterations with the reference's step columns per rank, memory samples, log and settings. Never edited once released. */
export const runsMigration = `
CREATE TABLE experiments (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  config_text TEXT NOT NULL,
  data_path TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  experiment_id TEXT NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
  -- Which running program works on it; see ownership.ts.
  owner TEXT NOT NULL,
  key TEXT NOT NULL,
  label TEXT NOT NULL,
  row_json TEXT NOT NULL,
  repetition INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'out_of_memory', 'failed', 'cancelled', 'timed_out')),
  stop_reason TEXT CHECK (stop_reason IN ('max_runs', 'finished_early')),
  error_json TEXT,
  created_at TEXT NOT NULL,
  started_at TEXT,
  finished_at TEXT,
  iterations_done INTEGER NOT NULL DEFAULT 0,
  psnr REAL,
  ssim REAL,
  mse REAL,
  initial_psnr REAL,
  time_sec REAL NOT NULL DEFAULT 0,
  setup_time_sec REAL,
  peak_memory_mb REAL,
  lipschitz REAL,
  step_size REAL,
  provenance_json TEXT
) STRICT;
CREATE INDEX runs_by_experiment ON runs (experiment_id);
CREATE INDEX runs_by_status ON runs (status);
CREATE INDEX runs_by_key ON runs (key);

CREATE TABLE iterations (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  iteration INTEGER NOT NULL,
  psnr REAL,
  ssim REAL,
  mse REAL,
  iteration_time_sec REAL NOT NULL,
  time_sec REAL NOT NULL,
  volume_file TEXT,
  PRIMARY KEY (run_id, iteration)
) STRICT, WITHOUT ROWID;

CREATE TABLE rank_steps (
  run_id TEXT NOT NULL,
  iteration INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  gradient_time_sec REAL NOT NULL,
  gradient_memory_allocated_mb REAL NOT NULL,
  gradient_memory_reserved_mb REAL NOT NULL,
  gradient_memory_delta_mb REAL NOT NULL,
  gradient_memory_peak_mb REAL NOT NULL,
  denoise_time_sec REAL NOT NULL,
  denoise_memory_allocated_mb REAL NOT NULL,
  denoise_memory_reserved_mb REAL NOT NULL,
  denoise_memory_delta_mb REAL NOT NULL,
  denoise_memory_peak_mb REAL NOT NULL,
  gpu_memory_max_allocated_mb REAL NOT NULL,
  gpu_available_memory_mb REAL NOT NULL,
  PRIMARY KEY (run_id, iteration, rank),
  FOREIGN KEY (run_id, iteration) REFERENCES iterations (run_id, iteration) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE memory_samples (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  time_sec REAL NOT NULL,
  rank INTEGER NOT NULL,
  resident_mb REAL NOT NULL
) STRICT;
CREATE INDEX memory_samples_by_run ON memory_samples (run_id);

CREATE TABLE log (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  line TEXT NOT NULL
) STRICT;
CREATE INDEX log_by_run ON log (run_id);

CREATE TABLE settings (
  name TEXT PRIMARY KEY,
  value_json TEXT NOT NULL
) STRICT;
`;

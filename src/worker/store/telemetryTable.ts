/** Keeps the telemetry of runs as blocks of float32 and puts them together again. */
import type { Database } from 'better-sqlite3';
import type { Telemetry } from '../../shared/runs';

interface Block {
  readonly columns_json: string;
  readonly steps_json: string;
  readonly samples: Buffer;
}

export function addTelemetry(database: Database, runId: string, block: Telemetry): void {
  const width = 1 + block.columns.length;
  const samples = new Float32Array(block.time_sec.length * width);
  block.time_sec.forEach((time, moment) => {
    const values = block.values[moment] ?? [];
    samples.set([time, ...block.columns.map((_, column) => values[column] ?? Number.NaN)], moment * width);
  });
  database
    .prepare('INSERT INTO telemetry (run_id, columns_json, steps_json, samples) VALUES (?, ?, ?, ?)')
    .run(runId, JSON.stringify(block.columns), JSON.stringify(block.steps), Buffer.from(samples.buffer));
}

/** Blocks may have different columns (a worker that joined later); the answer has all of them. Empty where nothing was kept. */
export function readTelemetry(database: Database, runId: string): Telemetry {
  const blocks = database
    .prepare<[string], Block>('SELECT columns_json, steps_json, samples FROM telemetry WHERE run_id = ? ORDER BY id')
    .all(runId);
  const columns: string[] = [];
  const joined: Telemetry = { columns, time_sec: [], values: [], steps: [] };
  for (const block of blocks) {
    const own = JSON.parse(block.columns_json) as string[];
    for (const name of own) if (!columns.includes(name)) columns.push(name);
    const width = 1 + own.length;
    // A copy, because a blob need not lie at a multiple of four bytes.
    const samples = new Float32Array(new Uint8Array(block.samples).buffer);
    const places = own.map((name) => columns.indexOf(name));
    for (let first = 0; first + width <= samples.length; first += width) {
      const values = new Array<number | null>(columns.length).fill(null);
      places.forEach((place, column) => {
        const value = samples[first + 1 + column] ?? Number.NaN;
        values[place] = Number.isNaN(value) ? null : value;
      });
      joined.time_sec.push(samples[first] ?? 0);
      joined.values.push(values);
    }
    joined.steps.push(...(JSON.parse(block.steps_json) as Telemetry['steps']));
  }
  return { ...joined, values: joined.values.map((values) => columns.map((_, column) => values[column] ?? null)) };
}

/** Keeps what probes of the machine measured. */
import type { Database } from 'better-sqlite3';
import type { ProbeRecord } from '../../shared/workerMessages';

/** A probe made again takes the place of the older one. */
export function addProbe(database: Database, probe: ProbeRecord): void {
  database
    .prepare(
      `INSERT INTO probes (kind, circumstances, subject, version, size, result_json, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (kind, circumstances, subject, version, size) DO UPDATE SET result_json = excluded.result_json, created_at = excluded.created_at`,
    )
    .run(probe.kind, probe.circumstances, probe.subject, probe.version, probe.size, JSON.stringify(probe.result), new Date().toISOString());
}

export function listProbes(
  database: Database,
  { kind, circumstances, subject, version }: Pick<ProbeRecord, 'kind' | 'circumstances' | 'subject' | 'version'>,
): ProbeRecord[] {
  return database
    .prepare<string[], { size: string; result_json: string }>(
      'SELECT size, result_json FROM probes WHERE kind = ? AND circumstances = ? AND subject = ? AND version = ? ORDER BY size',
    )
    .all(kind, circumstances, subject, version)
    .map(({ size, result_json }) => ({ kind, circumstances, subject, version, size, result: JSON.parse(result_json) }) as ProbeRecord);
}

// Copies a workspace into resources/examples/results without what belongs to the machine it was made on, and writes its manifest; run by scripts/exampleResults.mjs.
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import Sqlite from 'better-sqlite3';

const workspace = process.argv[2] ?? '';
const examples = join(process.cwd(), 'resources', 'examples');
const results = join(examples, 'results');
const database = new Sqlite(join(workspace, 'tomobench.sqlite'));

/**
 * @param {string} sql
 * @returns {Record<string, string>[]}
 */
const all = (sql) => /** @type {Record<string, string>[]} */ (database.prepare(sql).all());

// Who opens the results says where the sample lies now.
for (const { id, data_path: path } of all('SELECT id, data_path FROM experiments')) {
  database.prepare('UPDATE experiments SET data_path = ? WHERE id = ?').run(basename(path ?? ''), id);
}
for (const { id, provenance_json: text } of all('SELECT id, provenance_json FROM runs')) {
  const provenance = JSON.parse(text ?? '');
  const plain = JSON.stringify({ ...provenance, data_path: basename(provenance.data_path) });
  database.prepare('UPDATE runs SET provenance_json = ?, resume_json = NULL WHERE id = ?').run(plain, id);
}
// All rows of the batch grid start alike and repetitions end alike: their volumes would be the same bytes again and again.
database
  .prepare(
    `UPDATE iterations SET volume_file = NULL WHERE run_id IN (SELECT id FROM runs WHERE repetition > 0)
     OR (iteration = 0 AND run_id IN (SELECT runs.id FROM runs JOIN experiments ON experiments.id = experiment_id WHERE name LIKE 'batch%'))`,
  )
  .run();
database.prepare('DELETE FROM settings').run();
database.prepare('DELETE FROM probes').run();
const kept = all('SELECT volume_file FROM iterations WHERE volume_file IS NOT NULL').map(({ volume_file: file }) => file ?? '');
database.pragma('journal_mode = DELETE');
database.exec('VACUUM');
database.close();

rmSync(results, { recursive: true, force: true });
for (const file of ['tomobench.sqlite', ...kept]) {
  mkdirSync(dirname(join(results, file)), { recursive: true });
  cpSync(join(workspace, file), join(results, file));
}

const files = readdirSync(results, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();
const manifest = {
  origin: 'Runs of resources/examples/*.yml on the bundled sample walnut-tiny.pt. They hold no measured data.',
  licence: 'CC0-1.0',
  makeAgain: 'npm run examples',
  sample: 'walnut-tiny.pt',
  files: files.map((file) => {
    const bytes = readFileSync(file);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { file: relative(results, file).split(sep).join('/'), bytes: bytes.length, sha256 };
  }),
};
writeFileSync(join(examples, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
const total = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
process.stdout.write(`${manifest.files.length} files, ${(total / 2 ** 20).toFixed(1)} MiB in ${results}\n`);

// The Parquet file read back by another library's reader: columns, types, nothing where nothing is.
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, it } from 'vitest';
import { resultsParquet, tableParquet } from '../../../../src/engine/results/parquet';
import { resultsTable } from '../../../../src/engine/results/table';
import { runDetail } from '../../../fixtures/records';

const buffer = (bytes: Uint8Array): ArrayBuffer => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;

it('holds the table as it is', async () => {
  const runs = [runDetail('a', 3), runDetail('b', 0, { status: 'failed', error: { message: 'Why, "so".', details: null } })];
  const { columns, rows } = resultsTable(runs);
  const file = buffer(resultsParquet(runs));
  expect(
    parquetMetadata(file)
      .schema.slice(1)
      .map(({ name }) => name),
  ).toEqual(columns);
  const objects = await parquetReadObjects({ file });
  expect(objects).toEqual(rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]]))));
});

it('gives a column one type: counts, numbers also where none is known, text where a value is a list', async () => {
  const columns = ['stop_val', 'objective_psnr', 'objective_name', 'p_solver_patch_size', 'p_solver_flag', 'p_solver_sigma'];
  const file = buffer(
    tableParquet({
      columns,
      rows: [
        [1, null, 'o', 128, true, 0.5],
        [null, null, 'o', '[8, 16, 16]', false, null],
      ],
    }),
  );
  const types = parquetMetadata(file)
    .schema.slice(1)
    .map(({ type, repetition_type }) => `${type} ${repetition_type}`);
  expect(types).toEqual(['INT32', 'DOUBLE', 'BYTE_ARRAY', 'BYTE_ARRAY', 'BOOLEAN', 'DOUBLE'].map((type) => `${type} OPTIONAL`));
  expect((await parquetReadObjects({ file }))[0]).toMatchObject({ p_solver_patch_size: '128', p_solver_sigma: 0.5 });
});

/** Results and words take different ways out; tables line up; durations and sizes read as people say them. */
import { describe, expect, it } from 'vitest';
import { Interrupt } from '../../../src/cli/interrupt';
import { barLine, bytesText, durationText, Output } from '../../../src/cli/output';
import { numberCell, textTable } from '../../../src/cli/textTable';

function capture(asJson: boolean, isTTY: boolean) {
  const written = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  return { written, output: new Output({ stdout: into('stdout'), stderr: { ...into('stderr'), isTTY, columns: 60 } }, asJson) };
}

describe('Output', () => {
  it('puts either the text or the document on stdout', () => {
    const text = capture(false, false);
    text.output.print('a result');
    text.output.document({ a: 1 });
    expect(text.written).toEqual({ stdout: 'a result\n', stderr: '' });
    const json = capture(true, false);
    json.output.print('a result');
    json.output.note('a note');
    json.output.document({ a: Number.NaN });
    expect(JSON.parse(json.written.stdout)).toEqual({ a: null });
    expect(json.written.stderr).toBe('a note\n');
  });

  it('moves a bar only where a person watches, and takes it away before other lines', () => {
    const piped = capture(false, false);
    piped.output.bar('row 0', 0.5, 3);
    expect(piped.written.stderr).toBe('');
    const terminal = capture(false, true);
    terminal.output.bar('row 0', 0.5, 3);
    terminal.output.note('done');
    expect(terminal.written.stderr).toMatch(/^\r\[#{12}\.{12}\] {2}50 % {2}about 3\.0 s left {2}row 0\r +\rdone\n$/);
  });
});

it('cuts the bar to the width of the terminal', () => {
  expect(barLine('a long label', 2, null, 30)).toHaveLength(30);
});

it('says durations and sizes in the units people use', () => {
  expect([4.23, 59, 65, 7800].map(durationText)).toEqual(['4.2 s', '59 s', '1 min 5 s', '2 h 10 min']);
  expect([12, 2048, 18353399, 5 * 2 ** 30].map(bytesText)).toEqual(['12 B', '2.00 KiB', '17.5 MiB', '5.00 GiB']);
});

it('aligns columns by their widest cell', () => {
  const table = textTable(
    [
      { title: 'name', align: 'left' },
      { title: 'dB', align: 'right' },
    ],
    [['longer name', numberCell(28.391, 2)], ['x', numberCell(null, 2)], ['y']],
  );
  expect(table.split('\n')).toEqual(['name            dB', '-----------  -----', 'longer name  28.39', 'x                -', 'y']);
});

it('tells the presses of Ctrl+C apart, also those before anybody listened', () => {
  const interrupt = new Interrupt();
  const heard: string[] = [];
  interrupt.press();
  interrupt.onFirst(() => heard.push('first'));
  interrupt.onSecond(() => heard.push('second'));
  expect(heard).toEqual(['first']);
  interrupt.press();
  interrupt.press();
  interrupt.press();
  interrupt.onThird(() => heard.push('third'));
  expect(heard).toEqual(['first', 'second', 'third']);
});

// Corrections as text: one canonical form, and a sentence for everything that is not one.
import { describe, expect, it } from 'vitest';
import { runKeyText } from '../../../src/engine/plan/runKey';
import { correctionsTextSchema, formatCorrections, parseCorrections } from '../../../src/shared/corrections';
import { experimentRow } from '../../fixtures/records';

describe('corrections as text', () => {
  it('are written one way, whatever the order and spacing', () => {
    expect(formatCorrections(parseCorrections(' dead-pixels ,view-offset= 1'))).toBe('view-offset=1, dead-pixels');
    expect(correctionsTextSchema.parse('axis-offset-mm=-0.120,non-finite')).toBe('axis-offset-mm=-0.12, non-finite');
  });

  it('are none where they change nothing', () => {
    expect(formatCorrections(parseCorrections(''))).toBeNull();
    expect(formatCorrections(parseCorrections('view-offset=0,axis-offset-mm=0'))).toBeNull();
    expect(correctionsTextSchema.parse(null)).toBeNull();
  });

  it.each([
    'view-offset',
    'view-offset=1.5',
    'view-offset=',
    'axis-offset-mm=NaN',
    'axis-offset-mm=1=2',
    'dead-pixels=3',
    'rotate=1',
    'dead-pixels,dead-pixels',
    '__proto__',
  ])('are refused with a sentence: %s', (text) => {
    expect(() => parseCorrections(text)).toThrow(/correction/);
    expect(correctionsTextSchema.safeParse(text).success).toBe(false);
  });

  it('make another run', () => {
    const circumstances = { dataHash: 'a', modelHash: 'b', codeVersion: '1', repetition: 0 };
    const keyOf = (corrections: string | null): string =>
      runKeyText({ ...experimentRow(), dataset: { ...experimentRow().dataset, corrections } }, circumstances);
    expect(new Set([keyOf(null), keyOf('view-offset=1'), keyOf('view-offset=2')]).size).toBe(3);
  });
});

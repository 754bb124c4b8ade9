/** Every key of a menu works as a press in the window, and means the same there. */
import { expect, it } from 'vitest';
import { commandKeys, commandOf } from '../../../src/shared/commandKeys';

it.each(Object.entries(commandKeys))('%s is what %s does', (command, keys) => {
  const parts = keys.split('+');
  const key = parts.at(-1) ?? '';
  const press = { key: key.length === 1 ? key.toLowerCase() : key, control: parts.includes('Ctrl'), shift: parts.includes('Shift') };
  expect(commandOf(press)).toBe(command);
});

it('a letter without Ctrl is no command', () => {
  expect(commandOf({ key: 'o', control: false, shift: false })).toBeUndefined();
  expect(commandOf({ key: 'O', control: true, shift: true })).toBe('openFolder');
});

it('no two commands share their keys', () => {
  const keys = Object.values(commandKeys);
  expect(new Set(keys).size).toBe(keys.length);
});

// The evaluation runtime's pure part: the header patch must apply to the expected text and refuse any other.
import { expect, test } from 'vitest';
import { patchHandleHeader, patchRootsHeader } from '../../../scripts/evaluation-runtime/sqlite.mjs';

const declaration = `V8_EXPORT internal::Address* GlobalizeReference(internal::Isolate* isolate,
                                                internal::Address* handle);`;

test('GlobalizeReference is declared as Electron 25 exports it, with an overload for the pointer', () => {
  const patched = patchHandleHeader(`before\n${declaration}\nafter`);
  expect(patched).toContain('GlobalizeReference(internal::Isolate* isolate, internal::Address value);');
  expect(patched).toContain('return GlobalizeReference(isolate, *handle);');
  expect(patched.startsWith('before\n')).toBe(true);
  expect(patched.endsWith('\nafter')).toBe(true);
});

test('the fixed values of V8 are looked for three pointers further on', () => {
  const text = `  static const int kIsolateRootsOffset =
      kIsolateSharedExternalPointerTableAddressOffset + kApiSystemPointerSize;`;
  expect(patchRootsHeader(text)).toContain('kIsolateSharedExternalPointerTableAddressOffset + 4 * kApiSystemPointerSize;');
});

test('other headers are refused', () => {
  expect(() => patchRootsHeader('something else')).toThrow('not the expected ones');
  expect(() => patchHandleHeader('something else')).toThrow('not the expected ones');
});

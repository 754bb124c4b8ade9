/** Requests are checked before and after, and every failure becomes a value with its code. */
import { expect, it, vi } from 'vitest';
import { dispatch, type RequestTable } from '../../../../src/main/ipc/dispatch';
import { UserError } from '../../../../src/shared/errors';

function table(part: Partial<RequestTable>): RequestTable {
  return part as RequestTable;
}

it('hands checked arguments over and answers the value', async () => {
  const pause = vi.fn(async () => null);
  expect(await dispatch(table({ 'queue.pause': pause }), 'queue.pause', { paused: true })).toEqual({ ok: true, value: null });
  expect(pause).toHaveBeenCalledWith({ paused: true });
});

it.each([
  ['a name that is none', 'app.quit', {}],
  ['a member of the prototype', 'constructor', {}],
  ['a name that is no text', 7, {}],
  ['missing arguments', 'queue.pause', undefined],
  ['arguments of a wrong type', 'queue.pause', { paused: 'yes' }],
  ['more arguments than there are', 'runs.list', { extra: 1 }],
])('refuses %s without calling anything', async (_name, name, argument) => {
  const called = vi.fn();
  const outcome = await dispatch(table({ 'queue.pause': called, 'runs.list': called }), name, argument);
  expect(outcome).toMatchObject({ ok: false, code: 'internal' });
  expect(called).not.toHaveBeenCalled();
});

it('keeps the sentence, code and details of an error for people', async () => {
  const failing = async () => {
    throw new UserError('The disk is full.', 'no_space', 'SQLITE_FULL');
  };
  expect(await dispatch(table({ 'runs.list': failing }), 'runs.list', {})).toEqual({
    ok: false,
    message: 'The disk is full.',
    code: 'no_space',
    details: 'SQLITE_FULL',
  });
});

it('says so when an answer has not the form of the contract', async () => {
  const outcome = await dispatch(table({ 'queue.state': async () => ({ paused: 1 }) as never }), 'queue.state', {});
  expect(outcome).toMatchObject({ ok: false, message: 'The answer to queue.state has the wrong form.' });
});

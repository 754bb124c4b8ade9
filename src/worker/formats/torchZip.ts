/** Reads the ZIP container that torch.save has written since version 1.6: its pickle and where each storage lies. */
import { UserError } from '../../shared/errors';
import { elementBytes } from './elementTypes';
import { PickleEnd, type PickleValue, readPickle } from './pickleMachine';
import type { RandomAccessFile } from './randomAccessFile';
import { type StorageRef, torchPickleRules } from './torchTensors';
import { memberOffset, readSmallMember, readZipDirectory, type ZipMember } from './zipDirectory';

/** Byte position of a storage's first element. */
export type StorageFinder = (storage: StorageRef) => Promise<number>;

export interface TorchContent {
  readonly root: PickleValue;
  readonly littleEndian: boolean;
  readonly find: StorageFinder;
}

const maxPickleBytes = 64 * 1024 * 1024;
const maxSmallBytes = 64 * 1024;

export async function readZipContent(file: RandomAccessFile): Promise<TorchContent> {
  const members = await readZipDirectory(file);
  const pickle = [...members.values()].find((member) => member.name === 'data.pkl' || /^[^/]+\/data\.pkl$/.test(member.name));
  if (pickle === undefined) {
    throw new UserError(
      `${file.name} is a ZIP archive without a data.pkl, so it was not written by torch.save. Choose a .pt or .pth file.`,
    );
  }
  const root = pickle.name.slice(0, pickle.name.length - 'data.pkl'.length);
  if (members.has(`${root}constants.pkl`)) {
    throw new UserError(
      `${file.name} is a TorchScript program, not a file of tensors. Save the tensors or the state_dict with torch.save.`,
    );
  }
  const byteOrder = await smallText(file, members.get(`${root}byteorder`));
  const find: StorageFinder = (storage) => locate(file, members.get(`${root}data/${storage.key}`), storage);
  return { root: await readRoot(file, pickle), littleEndian: byteOrder !== 'big', find };
}

async function readRoot(file: RandomAccessFile, member: ZipMember): Promise<PickleValue> {
  const bytes = await readSmallMember(file, member, maxPickleBytes);
  try {
    return readPickle(bytes, 0, torchPickleRules(file.name)).value;
  } catch (error) {
    if (error instanceof PickleEnd) throw new UserError(`${file.name} is damaged: its data.pkl ends too early. Get it again.`);
    throw error;
  }
}

async function locate(file: RandomAccessFile, member: ZipMember | undefined, storage: StorageRef): Promise<number> {
  if (member === undefined) throw new UserError(`${file.name} is damaged: storage ${storage.key} is missing. Get it again.`);
  if (member.method !== 0) {
    throw new UserError(
      `${file.name} has been packed again with compression, so its arrays cannot be read in place. Save it again with torch.save.`,
    );
  }
  const bytes = storage.elements * (storage.type === null ? 1 : elementBytes(storage.type));
  if (member.bytes !== bytes || member.storedBytes !== bytes) {
    throw new UserError(
      `${file.name} is damaged: storage ${storage.key} has ${member.bytes} bytes where ${bytes} are expected. Get it again.`,
    );
  }
  return memberOffset(file, member);
}

async function smallText(file: RandomAccessFile, member: ZipMember | undefined): Promise<string> {
  return member === undefined ? '' : new TextDecoder().decode(await readSmallMember(file, member, maxSmallBytes)).trim();
}

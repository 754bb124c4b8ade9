/** What the names in a torch pickle mean: storages, tensors, dictionaries; checks that every tensor lies inside its storage. Source: torch/_utils.py and torch/_weights_only_unpickler.py. */
import { UserError } from '../../shared/errors';
import { type ElementType, elementBytes } from './elementTypes';
import { PickleGlobal, PickleOpaque, type PickleProduct, type PickleRules, PickleTuple, type PickleValue } from './pickleMachine';
import { elementCount } from './stridedReader';

/** A record of raw numbers; `type` is null for untyped bytes and for types that are no plain numbers. */
export class StorageRef implements PickleProduct {
  readonly product = 'storage';
  constructor(
    readonly key: string,
    readonly typeName: string,
    readonly type: ElementType | null,
    /** In elements; in bytes for UntypedStorage. */
    readonly elements: number,
    /** In elements, from the start of the record: only in old files, where storages can be views of others. */
    readonly viewOffset: number,
  ) {}
}

/** A tensor as the pickle describes it; offsets and strides in elements. */
export class TensorRecord implements PickleProduct {
  readonly product = 'tensor';
  constructor(
    readonly storage: StorageRef,
    readonly type: ElementType | null,
    readonly typeName: string,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

const storageTypes: Readonly<Record<string, ElementType | null>> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  ComplexFloatStorage: null,
  ComplexDoubleStorage: null,
  QInt8Storage: null,
  QInt32Storage: null,
  QUInt8Storage: null,
  QUInt4x2Storage: null,
  QUInt2x4Storage: null,
  UntypedStorage: null,
};

const tensorTypes: Readonly<Record<string, ElementType>> = {
  float64: 'float64',
  double: 'float64',
  float32: 'float32',
  float: 'float32',
  float16: 'float16',
  half: 'float16',
  bfloat16: 'bfloat16',
  int64: 'int64',
  long: 'int64',
  int32: 'int32',
  int: 'int32',
  int16: 'int16',
  short: 'int16',
  int8: 'int8',
  uint8: 'uint8',
  uint16: 'uint16',
  uint32: 'uint32',
  uint64: 'uint64',
  bool: 'bool',
};

const rebuilders = [
  'tensor',
  'tensor_v2',
  'tensor_v3',
  'parameter',
  'parameter_with_state',
  'qtensor',
  'sparse_tensor',
  'meta_tensor_no_storage',
  'wrapper_subclass',
  'device_tensor_from_numpy',
  'device_tensor_from_cpu_tensor',
].map((name) => `torch._utils._rebuild_${name}`);

const plainNames = new Set([
  'collections.OrderedDict',
  'collections.Counter',
  'torch.nn.parameter.Parameter',
  'torch.Size',
  'torch.Tensor',
  'torch.device',
  'torch.serialization._get_layout',
  '_codecs.encode',
  'builtins.bytearray',
  'builtins.set',
  'builtins.complex',
  'torch._tensor._rebuild_from_type_v2',
  ...rebuilders,
]);

/** dtypes and storage classes: torch.float32, torch.FloatStorage, torch.cuda.FloatStorage, torch.storage.UntypedStorage. */
const torchLabel =
  /^torch\.(?:(?:cuda\.|storage\.)?\w*Storage|float\w*|double|half|bfloat16|u?int\d*|long|short|bool|complex\w*|c(?:float|double)|q\w*int\w*|bits\w+|strided|sparse_\w+|per_\w+)$/;

const maxAxes = 8;
/** More elements than any file here can hold; repeated elements (stride 0) could claim more. */
const maxElements = 2 ** 40;

/** The rules by which a pickle of `fileName` is read. */
export function torchPickleRules(fileName: string): PickleRules {
  const build = (name: string, items: readonly PickleValue[]): PickleValue => {
    switch (name) {
      case 'collections.OrderedDict':
        return new Map();
      case 'torch.Size':
        return items[0] instanceof PickleTuple ? items[0] : new PickleTuple(items);
      case 'torch._utils._rebuild_tensor':
      case 'torch._utils._rebuild_tensor_v2':
        return tensor(fileName, items, null);
      case 'torch._utils._rebuild_tensor_v3':
        return tensor(fileName, [...items.slice(0, 4)], items[6] ?? null);
      case 'torch._utils._rebuild_parameter':
      case 'torch._utils._rebuild_parameter_with_state':
        return items[0] ?? null;
      case 'torch._tensor._rebuild_from_type_v2': {
        const [callee, , argument] = items;
        if (!(callee instanceof PickleGlobal) || !(argument instanceof PickleTuple) || callee.name === name) return new PickleOpaque(name);
        return build(callee.name, argument.items);
      }
      default:
        return new PickleOpaque(name);
    }
  };
  return {
    fileName,
    isAllowed: (name) => plainNames.has(name) || torchLabel.test(name),
    build,
    persistent: (id) => storage(fileName, id),
  };
}

function storage(fileName: string, id: PickleValue): StorageRef {
  if (!(id instanceof PickleTuple)) return broken(fileName, 'a storage is not described as torch does');
  const [kind, storageClass, key, , elements, viewInfo] = id.items;
  if (kind !== 'storage' || !(storageClass instanceof PickleGlobal) || typeof key !== 'string' || !isCount(elements)) {
    return broken(fileName, 'a storage is not described as torch does');
  }
  const typeName = storageClass.name.slice(storageClass.name.lastIndexOf('.') + 1);
  const view = viewInfo instanceof PickleTuple ? viewInfo.items : null;
  if (view !== null && !isCount(view[1])) return broken(fileName, `storage ${key} is a view of nothing`);
  return new StorageRef(key, typeName, storageTypes[typeName] ?? null, elements, isCount(view?.[1]) ? view[1] : 0);
}

function tensor(fileName: string, items: readonly PickleValue[], dtype: PickleValue): TensorRecord {
  const [source, offset, size, stride] = items;
  if (!(source instanceof StorageRef) || !isCount(offset) || !(size instanceof PickleTuple) || !(stride instanceof PickleTuple)) {
    return broken(fileName, 'a tensor is not described as torch does');
  }
  const shape = size.items.filter(isCount);
  const strides = stride.items.filter(isCount);
  if (shape.length !== size.items.length || strides.length !== stride.items.length || shape.length !== strides.length) {
    return broken(fileName, 'a tensor has a size or stride that is no whole number from 0');
  }
  if (shape.length > maxAxes) return broken(fileName, `a tensor has ${shape.length} axes; at most ${maxAxes} are read`);
  const typeName = dtype instanceof PickleGlobal ? dtype.name.slice('torch.'.length) : null;
  const type = typeName === null ? source.type : (tensorTypes[typeName] ?? null);
  // An untyped storage counts bytes.
  const room = source.typeName === 'UntypedStorage' && type !== null ? Math.floor(source.elements / elementBytes(type)) : source.elements;
  const count = elementCount(shape);
  const last = shape.reduce((position, length, axis) => position + (length - 1) * (strides[axis] ?? 0), offset);
  if (!(count <= maxElements) || !Number.isSafeInteger(last))
    return broken(fileName, `a tensor of shape [${shape.join(', ')}] is too large`);
  if (count > 0 && last >= room)
    return broken(fileName, `a tensor of shape [${shape.join(', ')}] reaches beyond its storage of ${room} elements`);
  return new TensorRecord(source, type, type ?? typeName ?? source.typeName, offset, shape, strides);
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function broken(fileName: string, reason: string): never {
  throw new UserError(`${fileName} is damaged or was not written by torch.save: ${reason}.`);
}

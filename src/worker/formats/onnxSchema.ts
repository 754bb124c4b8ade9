/**
 * The part of ONNX's protocol buffer schema that this program writes and reads (onnx/onnx.proto, IR version 8). What graphs look like is drunetGraph's;
 * where weights beside a model file lie is onnxModel's.
 */
import { Root } from 'protobufjs/light';

const field = (id: number, type: string, rule?: 'repeated') => (rule === undefined ? { id, type } : { id, type, rule });

const root = Root.fromJSON({
  nested: {
    onnx: {
      nested: {
        StringStringEntryProto: { fields: { key: field(1, 'string'), value: field(2, 'string') } },
        OperatorSetIdProto: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
        TensorProto: {
          fields: {
            dims: field(1, 'int64', 'repeated'),
            dataType: field(2, 'int32'),
            name: field(8, 'string'),
            rawData: field(9, 'bytes'),
            externalData: field(13, 'StringStringEntryProto', 'repeated'),
            dataLocation: field(14, 'int32'),
          },
        },
        AttributeProto: {
          fields: {
            name: field(1, 'string'),
            i: field(3, 'int64'),
            ints: field(8, 'int64', 'repeated'),
            type: field(20, 'int32'),
          },
        },
        NodeProto: {
          fields: {
            input: field(1, 'string', 'repeated'),
            output: field(2, 'string', 'repeated'),
            name: field(3, 'string'),
            opType: field(4, 'string'),
            attribute: field(5, 'AttributeProto', 'repeated'),
          },
        },
        Dimension: { fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') } },
        TensorShapeProto: { fields: { dim: field(1, 'Dimension', 'repeated') } },
        TensorTypeProto: { fields: { elemType: field(1, 'int32'), shape: field(2, 'TensorShapeProto') } },
        TypeProto: { fields: { tensorType: field(1, 'TensorTypeProto') } },
        ValueInfoProto: { fields: { name: field(1, 'string'), type: field(2, 'TypeProto') } },
        GraphProto: {
          fields: {
            node: field(1, 'NodeProto', 'repeated'),
            name: field(2, 'string'),
            initializer: field(5, 'TensorProto', 'repeated'),
            input: field(11, 'ValueInfoProto', 'repeated'),
            output: field(12, 'ValueInfoProto', 'repeated'),
          },
        },
        ModelProto: {
          fields: {
            irVersion: field(1, 'int64'),
            producerName: field(2, 'string'),
            graph: field(7, 'GraphProto'),
            opsetImport: field(8, 'OperatorSetIdProto', 'repeated'),
            metadataProps: field(14, 'StringStringEntryProto', 'repeated'),
          },
        },
      },
    },
  },
});
const modelType = root.lookupType('onnx.ModelProto');

export const onnxFloat = 1;
export const onnxInt64 = 7;
export const onnxHalf = 10;
const intAttribute = 2;
const intsAttribute = 7;
/** TensorProto.DataLocation.EXTERNAL */
const externalLocation = 1;
/** Operator set 16 (ONNX 1.11) knows all operators used here; IR version 8 belongs to it. */
const operatorSet = 16;
const irVersion = 8;

/** Bytes of weights in a file beside the model file; `location` is that file's name. */
export interface ExternalBytes {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}
export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  /** Little-endian elements, or where they lie. */
  readonly data: Uint8Array | ExternalBytes;
}
export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  /** A list, or one number where the operator wants one. */
  readonly ints: Readonly<Record<string, readonly number[] | number>>;
}
/** A dimension is a number or the name of a free one. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}
/** As this program reads and writes it; inputs and outputs are float32. */
export interface OnnxModel {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** The bytes of an .onnx file. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const message = modelType.create({
    irVersion,
    producerName: 'tomobench',
    opsetImport: [{ domain: '', version: operatorSet }],
    metadataProps: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: model.name,
      node: model.nodes.map((node) => ({
        name: node.name,
        opType: node.opType,
        input: node.input,
        output: node.output,
        attribute: Object.entries(node.ints).map(([name, value]) =>
          typeof value === 'number' ? { name, i: value, type: intAttribute } : { name, ints: value, type: intsAttribute },
        ),
      })),
      initializer: model.initializers.map(tensorMessage),
      input: model.inputs.map(valueInfo),
      output: model.outputs.map(valueInfo),
    },
  });
  return modelType.encode(message).finish();
}

function tensorMessage({ name, dims, dataType, data }: OnnxTensor): object {
  if (data instanceof Uint8Array) return { name, dims, dataType, rawData: data };
  const externalData = Object.entries(data).map(([key, value]) => ({ key, value: String(value) }));
  return { name, dims, dataType, externalData, dataLocation: externalLocation };
}

function valueInfo({ name, shape }: OnnxValue): object {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: onnxFloat, shape: { dim } } } };
}

interface DecodedModel {
  readonly producerName?: string;
  readonly graph?: {
    readonly name?: string;
    readonly node?: readonly DecodedNode[];
    readonly input?: readonly DecodedValue[];
    readonly output?: readonly DecodedValue[];
    readonly initializer?: readonly DecodedTensor[];
  };
  readonly metadataProps?: readonly { readonly key?: string; readonly value?: string }[];
}
interface DecodedNode {
  readonly name?: string;
  readonly opType?: string;
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly attribute?: readonly {
    readonly name?: string;
    readonly i?: number;
    readonly ints?: readonly number[];
    readonly type?: number;
  }[];
}
interface DecodedTensor {
  readonly name?: string;
  readonly dims?: readonly number[];
  readonly dataType?: number;
  readonly rawData?: Uint8Array;
  readonly externalData?: readonly { readonly key?: string; readonly value?: string }[];
}
interface DecodedValue {
  readonly name?: string;
  readonly type?: { readonly tensorType?: { readonly shape?: { readonly dim?: readonly { dimValue?: number; dimParam?: string }[] } } };
}

/** What a model file says of itself, without its weights. */
export interface OnnxDescription {
  readonly producer: string;
  readonly nodes: number;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Null where the bytes are no ONNX model. */
export function describeOnnx(bytes: Uint8Array): OnnxDescription | null {
  const decoded = decode(bytes);
  const graph = decoded?.graph;
  if (decoded === null || graph === undefined || (graph.node ?? []).length === 0) return null;
  return {
    producer: decoded.producerName ?? '',
    nodes: (graph.node ?? []).length,
    inputs: valuesOf(graph.input),
    outputs: valuesOf(graph.output),
    weights: (graph.initializer ?? []).map((tensor) => ({ name: tensor.name ?? '', shape: tensor.dims ?? [] })),
    metadata: metadataOf(decoded),
  };
}

/**
 * The model as `encodeOnnx` takes it, with weights that share the memory of `bytes`. Null where the bytes are no ONNX model, or one with anything
 * that this program does not write (other kinds of attributes, weights stored in other ways).
 */
export function decodeOnnx(bytes: Uint8Array): OnnxModel | null {
  const decoded = decode(bytes);
  const graph = decoded?.graph;
  if (decoded === null || graph === undefined) return null;
  const nodes: OnnxNode[] = [];
  for (const { name = '', opType = '', input = [], output = [], attribute = [] } of graph.node ?? []) {
    const ints: Record<string, readonly number[] | number> = {};
    for (const { name: key = '', i, ints: list, type } of attribute) {
      if (type === intsAttribute) ints[key] = list ?? [];
      else if (type === intAttribute) ints[key] = i ?? 0;
      else return null;
    }
    nodes.push({ name, opType, input, output, ints });
  }
  const initializers: OnnxTensor[] = [];
  for (const { name = '', dims = [], dataType = 0, rawData, externalData = [] } of graph.initializer ?? []) {
    const data = rawData ?? externalBytes(externalData);
    if (data === null) return null;
    initializers.push({ name, dims, dataType, data });
  }
  return {
    name: graph.name ?? '',
    nodes,
    initializers,
    inputs: valuesOf(graph.input),
    outputs: valuesOf(graph.output),
    metadata: metadataOf(decoded),
  };
}

function externalBytes(entries: readonly { readonly key?: string; readonly value?: string }[]): ExternalBytes | null {
  const { location, offset, length } = Object.fromEntries(entries.map(({ key = '', value = '' }) => [key, value]));
  return location === undefined || length === undefined ? null : { location, offset: Number(offset ?? 0), length: Number(length) };
}

function valuesOf(list: readonly DecodedValue[] | undefined): OnnxValue[] {
  return (list ?? []).map((value) => ({
    name: value.name ?? '',
    shape: (value.type?.tensorType?.shape?.dim ?? []).map((dim) => dim.dimParam ?? dim.dimValue ?? '?'),
  }));
}

function metadataOf(decoded: DecodedModel): Record<string, string> {
  return Object.fromEntries((decoded.metadataProps ?? []).map(({ key = '', value = '' }) => [key, value]));
}

function decode(bytes: Uint8Array): DecodedModel | null {
  try {
    return modelType.toObject(modelType.decode(bytes), { longs: Number }) as DecodedModel;
  } catch {
    // Whatever the library finds wrong, the answer is the same: this is no model.
    return null;
  }
}

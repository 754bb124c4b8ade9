/** The part of ONNX's protocol buffer schema that this program writes and reads (onnx/onnx.proto, IR version 8). What graphs look like is drunetGraph's. */
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
          },
        },
        AttributeProto: {
          fields: { name: field(1, 'string'), ints: field(8, 'int64', 'repeated'), type: field(20, 'int32') },
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
const intsAttribute = 7;
/** Operator set 16 (ONNX 1.11) knows all operators used here; IR version 8 belongs to it. */
const operatorSet = 16;
const irVersion = 8;

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly rawData: Uint8Array;
}
export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly ints: Readonly<Record<string, readonly number[]>>;
}
/** A dimension is a number or the name of a free one. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}
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
        attribute: Object.entries(node.ints).map(([name, ints]) => ({ name, ints, type: intsAttribute })),
      })),
      initializer: model.initializers,
      input: model.inputs.map(valueInfo),
      output: model.outputs.map(valueInfo),
    },
  });
  return modelType.encode(message).finish();
}

function valueInfo({ name, shape }: OnnxValue): object {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: onnxFloat, shape: { dim } } } };
}

interface DecodedModel {
  readonly producerName?: string;
  readonly graph?: {
    readonly node?: readonly object[];
    readonly input?: readonly DecodedValue[];
    readonly output?: readonly DecodedValue[];
    readonly initializer?: readonly { readonly name?: string; readonly dims?: readonly number[] }[];
  };
  readonly metadataProps?: readonly { readonly key?: string; readonly value?: string }[];
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
  const values = (list: readonly DecodedValue[] | undefined): OnnxValue[] =>
    (list ?? []).map((value) => ({
      name: value.name ?? '',
      shape: (value.type?.tensorType?.shape?.dim ?? []).map((dim) => dim.dimParam ?? dim.dimValue ?? '?'),
    }));
  return {
    producer: decoded.producerName ?? '',
    nodes: (graph.node ?? []).length,
    inputs: values(graph.input),
    outputs: values(graph.output),
    weights: (graph.initializer ?? []).map((tensor) => ({ name: tensor.name ?? '', shape: tensor.dims ?? [] })),
    metadata: Object.fromEntries((decoded.metadataProps ?? []).map(({ key = '', value = '' }) => [key, value])),
  };
}

function decode(bytes: Uint8Array): DecodedModel | null {
  try {
    return modelType.toObject(modelType.decode(bytes), { longs: Number }) as DecodedModel;
  } catch {
    // Whatever the library finds wrong, the answer is the same: this is no model.
    return null;
  }
}

/** Turns a model's weights and arithmetic into half precision; input and output stay float32. Whether that is wanted, and where it runs, is the denoiser adapter's. */
import { type OnnxModel, type OnnxNode, type OnnxTensor, onnxFloat, onnxHalf } from './onnxSchema';

/** `weightsOf` gives the float32 bytes of a tensor that lies in another file. */
export function halfPrecisionModel(model: OnnxModel, weightsOf: (tensor: OnnxTensor) => Uint8Array): OnnxModel {
  const [input, output] = [model.inputs[0]?.name ?? 'input', model.outputs[0]?.name ?? 'output'];
  const inside = (name: string): string => (name === input || name === output ? `${name}.half` : name);
  const cast = (from: string, to: string, type: number): OnnxNode => ({
    name: `cast.${to}`,
    opType: 'Cast',
    input: [from],
    output: [to],
    ints: { to: type },
  });
  return {
    ...model,
    nodes: [
      cast(input, inside(input), onnxHalf),
      ...model.nodes.map((node) => ({ ...node, input: node.input.map(inside), output: node.output.map(inside) })),
      cast(inside(output), output, onnxFloat),
    ],
    initializers: model.initializers.map((tensor) =>
      tensor.dataType === onnxFloat ? { ...tensor, dataType: onnxHalf, data: halves(weightsOf(tensor)) } : tensor,
    ),
  };
}

/** Little-endian float32 to little-endian float16. */
function halves(bytes: Uint8Array): Uint8Array {
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const result = new Uint8Array(bytes.length / 2);
  const to = new DataView(result.buffer);
  for (let index = 0; index < result.length / 2; index++) to.setUint16(index * 2, halfBits(from.getFloat32(index * 4, true)), true);
  return result;
}

const scratch = new DataView(new ArrayBuffer(4));

/** IEEE 754 binary16, rounded to the nearest, ties to even; what is too large becomes infinite. */
export function halfBits(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  const fraction = bits & 0x7fffff;
  if (exponent === 128) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  if (exponent > 15) return sign | 0x7c00;
  // Below 2^-14 the fraction loses bits; below half of the smallest number nothing is left.
  const shift = exponent < -14 ? 13 - 14 - exponent : 13;
  if (shift > 24) return sign;
  const whole = fraction | 0x800000;
  const kept = whole >>> shift;
  const rest = whole & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  const rounded = kept + (rest > middle || (rest === middle && (kept & 1) === 1) ? 1 : 0);
  // `kept` holds the leading one for normal numbers: adding it carries into the exponent, as rounding up does.
  return sign | (exponent < -14 ? rounded : ((exponent + 14) << 10) + rounded);
}

/**
 * From the settings of a Nikon scan to the twelve numbers of every view. Conventions: Core Imaging Library, NikonDataReader and its conversion to ASTRA
 * vectors. Reading files is nikonSettings' and nikonAngles'.
 */
import type { Vector3 } from '../../shared/vectors';
import type { NikonSettings } from './nikonSettings';

const degree = Math.PI / 180;

/**
 * (projections, 12), mm. Seen from a fixed source at (0, -SOD, 0) the object turns; here source and detector turn the other way. The axis passes
 * (-ObjectOffsetX, 0, 0) and leans by tilt and roll; images begin at the upper right. View k is at InitialAngle + stepsDegrees[k] - 180 degrees.
 */
export function nikonVectors(settings: NikonSettings, stepsDegrees: Float64Array): Float64Array {
  const { sourceToObjectMm: sod, sourceToDetectorMm: sdd, pixelSizeMm, detectorOffsetMm, objectOffsetMm } = settings;
  const upright = uprightAxis(-settings.objectTiltDegrees * degree, settings.objectRollDegrees * degree);
  // From the scanner's frame to one where the axis is z through the origin.
  const place = ([x, y, z]: Vector3): Vector3 => upright([x + objectOffsetMm, y, z]);
  const source = place([0, -sod, 0]);
  const detector = place([-detectorOffsetMm[0], sdd - sod, detectorOffsetMm[1]]);
  const column = upright([-pixelSizeMm[1], 0, 0]);
  const row = upright([0, 0, -pixelSizeMm[0]]);
  const vectors = new Float64Array(stepsDegrees.length * 12);
  stepsDegrees.forEach((step, view) => {
    const angle = (settings.initialAngleDegrees + step - 180) * degree;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const turn = ([x, y, z]: Vector3): Vector3 => [cos * x - sin * y, sin * x + cos * y, z];
    vectors.set([source, detector, column, row].flatMap(turn), view * 12);
  });
  return vectors;
}

/** The smallest turn that brings the leaning axis Rx(tilt) Ry(roll) z upright, so that columns and rows keep their directions as far as they can. */
function uprightAxis(tilt: number, roll: number): (vector: Vector3) => Vector3 {
  const axis: Vector3 = [Math.sin(roll), -Math.sin(tilt) * Math.cos(roll), Math.cos(tilt) * Math.cos(roll)];
  // Rodrigues' formula about k = axis x z, sine |k|, cosine axis.z.
  const k: Vector3 = [axis[1], -axis[0], 0];
  const scale = 1 / (1 + axis[2]);
  return (v) => {
    const across: Vector3 = [k[1] * v[2], -k[0] * v[2], k[0] * v[1] - k[1] * v[0]];
    const twice: Vector3 = [k[1] * across[2], -k[0] * across[2], k[0] * across[1] - k[1] * across[0]];
    return [v[0] + across[0] + scale * twice[0], v[1] + across[1] + scale * twice[1], v[2] + across[2] + scale * twice[2]];
  };
}

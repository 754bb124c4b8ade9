/** Arithmetic of points and directions in mm, and the four vectors of a view; what they mean is said in geometry.ts. */
export type Vector3 = readonly [x: number, y: number, z: number];

/** (source or ray, detector centre, u, v) of a view. */
export function viewVectors(vectors: Float64Array, view: number): [Vector3, Vector3, Vector3, Vector3] {
  const at = (start: number): Vector3 => [
    vectors[view * 12 + start] ?? 0,
    vectors[view * 12 + start + 1] ?? 0,
    vectors[view * 12 + start + 2] ?? 0,
  ];
  return [at(0), at(3), at(6), at(9)];
}

export function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function subtract(a: Vector3, b: Vector3): Vector3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

/** a + factor b. */
export function along(a: Vector3, b: Vector3, factor: number): Vector3 {
  return [a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2]];
}

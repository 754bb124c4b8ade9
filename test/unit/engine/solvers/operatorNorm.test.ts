// The operator norm against matrices whose eigenvalues are known.
import { describe, expect, it } from 'vitest';
import { largestEigenvalue, squaredOperatorNorm } from '../../../../src/engine/solvers/operatorNorm';
import { matrixPorts } from './matrixPorts';

function norm(A: number[][]): Promise<number> {
  const { ports } = matrixPorts({ A, y: [], denoise: (x) => [...x], referenceRange: null, pseudoInverse: [] });
  return squaredOperatorNorm(ports, [ports.volume('a'), ports.volume('b'), ports.volume('c')]);
}

describe('squaredOperatorNorm', () => {
  it('is the square of the largest singular value', async () => {
    expect(
      await norm([
        [3, 0],
        [0, 2],
      ]),
    ).toBeCloseTo(9, 6);
    // [[1,2],[3,4]]: largest eigenvalue of A^T A is 15 + sqrt(221).
    expect(
      await norm([
        [1, 2],
        [3, 4],
      ]),
    ).toBeCloseTo(15 + Math.sqrt(221), 6);
    // A smoothing matrix of 30 columns, with eigenvalues (1 + cos(k pi / 31))^2.
    const size = 30;
    const smooth = Array.from({ length: size }, (_, i) =>
      Array.from({ length: size }, (_, j) => (i === j ? 1 : Math.abs(i - j) === 1 ? 0.5 : 0)),
    );
    expect((await norm(smooth)) / (1 + Math.cos(Math.PI / 31)) ** 2).toBeCloseTo(1, 3);
  });

  it('is zero where nothing is projected', async () => {
    expect(
      await norm([
        [0, 0],
        [0, 0],
      ]),
    ).toBe(0);
  });
});

describe('largestEigenvalue', () => {
  it('finds the top of a tridiagonal matrix', () => {
    expect(largestEigenvalue([2], [])).toBeCloseTo(2, 12);
    // The second difference matrix of size n has eigenvalues 2 - 2 cos(k pi / (n + 1)).
    expect(largestEigenvalue([2, 2, 2, 2], [-1, -1, -1])).toBeCloseTo(2 - 2 * Math.cos((4 * Math.PI) / 5), 10);
    expect(largestEigenvalue([-5, -1], [0])).toBeCloseTo(-1, 12);
  });
});

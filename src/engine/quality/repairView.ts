/** Fills pixels that cannot be believed in from the nearest good ones; which those are is decided by others. */

/**
 * Replaces every bad pixel of one view (rows, columns) by the mean of the nearest good pixels to its left, right, above and below, weighted
 * by 1/distance. Answers the number replaced, or null where no pixel is good.
 */
export function repairView(view: Float32Array, rows: number, columns: number, isBad: (pixel: number) => boolean): number | null {
  const bad: number[] = [];
  for (let pixel = 0; pixel < view.length; pixel++) if (isBad(pixel)) bad.push(pixel);
  if (bad.length === 0) return 0;
  if (bad.length === view.length) return null;
  const isMarked = new Uint8Array(view.length);
  for (const pixel of bad) isMarked[pixel] = 1;
  const filled = bad.map((pixel) => {
    const [row, column] = [Math.floor(pixel / columns), pixel % columns];
    let [sum, weight] = [0, 0];
    const look = (step: number, reach: number): void => {
      for (let distance = 1; distance <= reach; distance++) {
        const neighbour = pixel + step * distance;
        if (isMarked[neighbour] === 1) continue;
        sum += (view[neighbour] ?? 0) / distance;
        weight += 1 / distance;
        return;
      }
    };
    look(-1, column);
    look(1, columns - 1 - column);
    look(-columns, row);
    look(columns, rows - 1 - row);
    return weight === 0 ? null : sum / weight;
  });
  const mean = meanOfGood(view, isMarked);
  bad.forEach((pixel, position) => {
    view[pixel] = filled[position] ?? mean;
  });
  return bad.length;
}

/** For pixels whose row and column hold no good one. */
function meanOfGood(view: Float32Array, isMarked: Uint8Array): number {
  let [sum, count] = [0, 0];
  for (let pixel = 0; pixel < view.length; pixel++) {
    if (isMarked[pixel] === 1) continue;
    sum += view[pixel] ?? 0;
    count++;
  }
  return sum / count;
}

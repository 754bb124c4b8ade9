/** Reads any run of elements from an array that can only be read slice by slice; the last slice is kept, because runs follow each other. */

export type ReadSlice = (slice: number, target: Float32Array) => Promise<void>;

/** target = elements start.. of (slices, length) in C order. */
export function inRows(length: number, readSlice: ReadSlice): (start: number, target: Float32Array) => Promise<void> {
  const held = new Float32Array(length);
  let heldIndex = -1;
  return async (start, target) => {
    for (let done = 0; done < target.length; ) {
      const slice = Math.floor((start + done) / length);
      const from = (start + done) % length;
      const count = Math.min(length - from, target.length - done);
      if (count === length) await readSlice(slice, target.subarray(done, done + length));
      else {
        if (heldIndex !== slice) await readSlice(slice, held);
        heldIndex = slice;
        target.set(held.subarray(from, from + count), done);
      }
      done += count;
    }
  };
}

/** Cuts planes through a stack of images in any direction by reading each image once. */
import type { ImageSequence } from './imageSequence';

/** One plane of (images, height, width), row-major: axis 0 is one image, 1 and 2 need a row or column of each image. */
export async function readSequencePlane(
  sequence: Pick<ImageSequence, 'count' | 'height' | 'width' | 'read'>,
  axis: 0 | 1 | 2,
  index: number,
  target: Float32Array,
): Promise<void> {
  const { count, height, width } = sequence;
  if (axis === 0) return sequence.read(index, target);
  const image = new Float32Array(height * width);
  for (let position = 0; position < count; position++) {
    await sequence.read(position, image);
    if (axis === 1) target.set(image.subarray(index * width, (index + 1) * width), position * width);
    else for (let row = 0; row < height; row++) target[position * height + row] = image[row * width + index] ?? 0;
  }
}

/** Turns SVG text into a PNG without a window. The renderer is WebAssembly, so it runs wherever Node does. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { crc32 } from '../../shared/crc32';
import { UserError } from '../../shared/errors';

/** Larger pictures would need gigabytes to draw. */
const MOST_PIXELS = 20_000;
const FONTS = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf'];

let ready: Promise<readonly Uint8Array[]> | null = null;

/** `root` is the folder above node_modules. The picture is `widthMm` wide at `dpi` and says so in its header. */
export async function svgToPng(svg: string, widthMm: number, dpi: number, root: string): Promise<Uint8Array> {
  const pixels = Math.round((widthMm / 25.4) * dpi);
  if (pixels < 1 || pixels > MOST_PIXELS) {
    throw new UserError(`A figure of ${widthMm} mm at ${dpi} dots per inch is ${pixels} pixels wide; 1 to ${MOST_PIXELS} can be drawn.`);
  }
  const { Resvg } = await import('@resvg/resvg-wasm');
  ready ??= prepare(root);
  const fontBuffers = [...(await ready)];
  const renderer = new Resvg(svg, {
    fitTo: { mode: 'width', value: pixels },
    font: { fontBuffers, defaultFontFamily: 'Inter', sansSerifFamily: 'Inter' },
  });
  try {
    return withResolution(renderer.render().asPng(), dpi);
  } finally {
    renderer.free();
  }
}

async function prepare(root: string): Promise<Uint8Array[]> {
  const find = createRequire(join(root, 'package.json'));
  const { initWasm } = await import('@resvg/resvg-wasm');
  await initWasm(await readFile(find.resolve('@resvg/resvg-wasm/index_bg.wasm')));
  return Promise.all(FONTS.map((font) => readFile(find.resolve(`@expo-google-fonts/inter/${font}`))));
}

/** Adds a pHYs chunk (pixels per metre) behind the header, so that programs place the picture at its true size. */
function withResolution(png: Uint8Array, dpi: number): Uint8Array {
  // Signature 8, then IHDR: length 4, type 4, data 13, checksum 4.
  const headerEnd = 8 + 25;
  const chunk = Buffer.alloc(4 + 4 + 9 + 4);
  const perMetre = Math.round(dpi / 0.0254);
  chunk.writeUInt32BE(9, 0);
  chunk.write('pHYs', 4, 'latin1');
  chunk.writeUInt32BE(perMetre, 8);
  chunk.writeUInt32BE(perMetre, 12);
  chunk.writeUInt8(1, 16);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 17)), 17);
  return Buffer.concat([png.subarray(0, headerEnd), chunk, png.subarray(headerEnd)]);
}

/// <reference path="./svgToPdfkit.d.ts" />
/** Turns SVG text into a PDF page of the same size: vectors stay vectors, text stays text, fonts are embedded. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { UserError } from '../../shared/errors';

const POINTS_PER_MM = 72 / 25.4;
const FONTS = { regular: '400Regular/Inter_400Regular.ttf', bold: '600SemiBold/Inter_600SemiBold.ttf' };

/** `root` is the folder above node_modules. The SVG says its width and height in mm, as drawSvg writes them. */
export async function svgToPdf(svg: string, title: string, root: string): Promise<Uint8Array> {
  const width = sizeMm(svg, 'width') * POINTS_PER_MM;
  const height = sizeMm(svg, 'height') * POINTS_PER_MM;
  const { default: PdfDocument } = await import('pdfkit');
  const { default: drawSvgOnPage } = await import('svg-to-pdfkit');
  const find = createRequire(join(root, 'package.json'));
  const document = new PdfDocument({ size: [width, height], margin: 0, info: { Title: title, Creator: 'TomoBench' } });
  for (const [name, file] of Object.entries(FONTS)) document.registerFont(name, find.resolve(`@expo-google-fonts/inter/${file}`));
  const parts: Buffer[] = [];
  const whole = new Promise<Uint8Array>((resolve, reject) => {
    document.on('data', (part: Buffer) => parts.push(part));
    document.on('end', () => resolve(Buffer.concat(parts)));
    document.on('error', reject);
  });
  const warnings: string[] = [];
  drawSvgOnPage(document, svg, 0, 0, {
    width,
    height,
    assumePt: true,
    // The drawing fills the page; without this its mm are taken for 96 to the inch.
    preserveAspectRatio: 'xMidYMid meet',
    fontCallback: (_family, bold) => (bold ? 'bold' : 'regular'),
    warningCallback: (warning) => warnings.push(warning),
  });
  document.end();
  const bytes = await whole;
  // A part that was left out would be a wrong figure that looks right.
  if (warnings.length > 0) {
    throw new UserError('The figure could not be drawn as PDF. Save it as SVG.', 'internal', warnings.join('\n'));
  }
  return bytes;
}

function sizeMm(svg: string, side: 'width' | 'height'): number {
  const size = Number(new RegExp(`<svg [^>]*${side}="([0-9.]+)mm"`).exec(svg)?.[1]);
  if (!(size > 0)) throw new UserError(`The figure does not say its ${side} in mm, so it cannot be drawn as PDF.`, 'internal');
  return size;
}

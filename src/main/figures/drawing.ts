/** A figure's SVG in the format of the file it goes to; the window and the command line ask here, so both write the same drawing. */
import type { Drawing } from '../../shared/figures';
import { svgToPdf } from './pdf';
import { svgToPng } from './png';

/** `root` is the folder above node_modules. Throws UserError where the picture would be too large. */
export async function drawingBytes(
  svg: string,
  title: string,
  { format, widthMm, dpi }: Drawing,
  root: string,
): Promise<string | Uint8Array> {
  if (format === 'pdf') return svgToPdf(svg, title, root);
  return format === 'png' ? svgToPng(svg, widthMm, dpi, root) : svg;
}

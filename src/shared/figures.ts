/** How a figure is put on paper. */
import { z } from 'zod';

export const figureFormats = ['svg', 'pdf', 'png'] as const;
export type FigureFormat = (typeof figureFormats)[number];

export const drawingSchema = z.object({
  /** svg, pdf: vector, text as text; png: pixels. */
  format: z.enum(figureFormats),
  /** Exact width, mm. */
  widthMm: z.number().min(20).max(1000),
  /** Size of axis and legend text, points. */
  fontPt: z.number().min(4).max(32),
  /** Dots per inch of a png. */
  dpi: z.number().int().min(36).max(2400),
});
export type Drawing = z.infer<typeof drawingSchema>;

/** One column of a journal page, 8 pt. */
export const usualDrawing: Drawing = { format: 'pdf', widthMm: 85, fontPt: 8, dpi: 300 };

/** Puts figures on paper: width, font, format, with a preview of exactly what is written. */
import { useMemo } from 'react';
import { type FigureFormat, figureFormats } from '../../../shared/figures';
import { exportFigure, exportPaperSet, paperSvg } from '../../figures/exportFigure';
import { setDrawing, setExporting, useCharts } from '../../state/chartsStore';
import { chartRunIds, useRuns } from '../../state/runsStore';
import { attempt, showNote } from '../../state/windowStore';
import { Dialog } from '../Dialogs';
import { NumberField } from '../parts/NumberField';

/** Usual widths of journals, mm. */
const widths = [
  { name: 'Single column', widthMm: 85 },
  { name: 'One and a half', widthMm: 130 },
  { name: 'Double column', widthMm: 175 },
] as const;

const formatNames: Record<FigureFormat, string> = { svg: 'SVG', pdf: 'PDF', png: 'PNG' };
const formatNotes: Record<FigureFormat, string> = {
  svg: 'Vector; text stays text, in Inter or the nearest font of the reader.',
  pdf: 'Vector; text stays text, fonts are embedded.',
  png: 'Pixels, with their size on paper in the file.',
};

const close = (): void => setExporting(null);

export function ExportDialog(): React.JSX.Element | null {
  const figures = useCharts((state) => state.exporting);
  const drawing = useCharts((state) => state.drawing);
  const { widthMm, fontPt, dpi, format } = drawing;
  const first = figures?.[0];
  const preview = useMemo(
    () => (first === undefined ? '' : `data:image/svg+xml;charset=utf-8,${encodeURIComponent(paperSvg(first, { widthMm, fontPt }))}`),
    [first, widthMm, fontPt],
  );
  if (figures === null || first === undefined) return null;
  const isSet = figures.length > 1;
  const save = async (): Promise<void> => {
    if (isSet) {
      const state = useRuns.getState();
      const runs = chartRunIds(state).flatMap((id) => state.details.get(id) ?? []);
      const folder = await exportPaperSet(figures, runs, drawing);
      if (folder === null) return;
      showNote(`Wrote ${figures.length} figures, their numbers and the table of results to ${folder}.`);
    } else {
      const files = await exportFigure(first, drawing);
      if (files === null) return;
      showNote(`Wrote ${files.join(' and ')}.`);
    }
    close();
  };
  return (
    <Dialog title={isSet ? 'Export a paper set' : `Export "${first.title}"`} onClose={close}>
      <div className="export-dialog">
        <div className="export-preview">
          <img src={preview} alt={`${first.title} as it will be written`} />
        </div>
        <div className="export-settings">
          <fieldset className="segmented wide" aria-label="Width">
            {widths.map((one) => (
              <button
                key={one.widthMm}
                type="button"
                aria-pressed={widthMm === one.widthMm}
                onClick={() => setDrawing({ widthMm: one.widthMm })}
              >
                {one.name}
              </button>
            ))}
          </fieldset>
          <div className="labelled">
            <span className="grow">Width (mm)</span>
            <NumberField
              label="Width in mm"
              value={widthMm}
              onAccept={(value) => setDrawing({ widthMm: Math.max(20, Math.min(1000, value)) })}
            />
          </div>
          <div className="labelled">
            <span className="grow">Text (pt)</span>
            <NumberField
              label="Text size in points"
              value={fontPt}
              onAccept={(value) => setDrawing({ fontPt: Math.max(4, Math.min(32, value)) })}
            />
          </div>
          <fieldset className="segmented wide" aria-label="Format">
            {figureFormats.map((one) => (
              <button key={one} type="button" aria-pressed={format === one} onClick={() => setDrawing({ format: one })}>
                {formatNames[one]}
              </button>
            ))}
          </fieldset>
          {format === 'png' && (
            <div className="labelled">
              <span className="grow">Dots per inch</span>
              <NumberField
                label="Dots per inch"
                value={dpi}
                onAccept={(value) => setDrawing({ dpi: Math.round(Math.max(36, Math.min(2400, value))) })}
              />
            </div>
          )}
          <p className="muted small">
            {formatNotes[format]}{' '}
            {isSet
              ? 'Every chart that has numbers, each with its numbers as CSV, slices of the first rows, and the table of results in LaTeX and Markdown.'
              : 'The numbers go beside it as CSV.'}
          </p>
        </div>
      </div>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={close}>
          Close
        </button>
        <button type="button" className="button primary" onClick={() => void attempt(save)}>
          {isSet ? 'Choose a folder...' : 'Save...'}
        </button>
      </div>
    </Dialog>
  );
}

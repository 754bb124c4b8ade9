/** One projection of the open data, read when it is shown; the slider goes through the views. */
import { useEffect, useRef, useState } from 'react';
import type { DataSummary } from '../../../shared/contract';
import { formatVolumeRef } from '../../../shared/volumes';
import { readSlice } from '../../api/volumes';
import { colourTables, paintWindow } from '../../viewer/colourMaps';
import { valueText } from '../parts/text';

/** Of the values, below and above which the picture is black and white. */
const darkest = 0.005;
const brightest = 0.995;
const valuesRanked = 20_000;

interface Picture {
  readonly view: number;
  readonly values: Float32Array;
  readonly low: number;
  readonly high: number;
}

export function ProjectionPreview({ data }: { readonly data: DataSummary }): React.JSX.Element {
  const { views, detectorRows, detectorColumns } = data.geometry;
  const [view, setView] = useState(Math.floor(views / 2));
  const [picture, setPicture] = useState<Picture | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const canvas = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const stop = new AbortController();
    readSlice(formatVolumeRef({ kind: 'data', dataId: data.id, array: 'sinogram' }), 0, view, stop.signal)
      .then((values) => {
        setPicture({ view, values, ...valueRange(values) });
        setFailure(null);
      })
      .catch((error: unknown) => {
        if (!stop.signal.aborted) setFailure(error instanceof Error ? error.message : String(error));
      });
    return () => stop.abort();
  }, [data.id, view]);

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || picture === null || picture.values.length !== detectorRows * detectorColumns) return;
    const image = context.createImageData(detectorColumns, detectorRows);
    paintWindow(
      upsideDown(picture.values, detectorColumns),
      picture.low,
      picture.high,
      colourTables.grey,
      new Uint32Array(image.data.buffer),
    );
    context.putImageData(image, 0, 0);
  }, [picture, detectorRows, detectorColumns]);

  const shown = picture === null ? 'Reading...' : `View ${picture.view} of 0 to ${views - 1}`;
  const range = picture === null ? '' : `, line integrals from ${valueText(picture.low)} to ${valueText(picture.high)}`;
  return (
    <figure className="projection-preview">
      {failure === null ? (
        <canvas ref={canvas} width={detectorColumns} height={detectorRows} role="img" aria-label={`Projection, view ${view}`} />
      ) : (
        <p className="muted small">{failure}</p>
      )}
      <input
        type="range"
        min={0}
        max={views - 1}
        value={view}
        aria-label="View shown"
        aria-valuetext={`view ${view}`}
        onChange={(event) => setView(Number(event.target.value))}
      />
      <figcaption className="muted small ellipsis" title={`${shown}${range}`}>
        {shown}
      </figcaption>
    </figure>
  );
}

function valueRange(values: Float32Array): { low: number; high: number } {
  const step = Math.max(1, Math.floor(values.length / valuesRanked));
  const ranked = values.filter((value, pixel) => pixel % step === 0 && Number.isFinite(value)).sort();
  const at = (share: number): number => ranked[Math.round(share * (ranked.length - 1))] ?? 0;
  return { low: at(darkest), high: at(brightest) };
}

/** Row 0 of the detector is the lowest: it looks along +z. */
function upsideDown(values: Float32Array, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += columns)
    turned.set(values.subarray(start, start + columns), values.length - start - columns);
  return turned;
}

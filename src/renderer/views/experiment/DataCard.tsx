/** What the open data file holds: arrays, geometry, and what is doubtful about it. */
import { Database, FolderOpen } from 'lucide-react';
import { type Schematic, scanSchematics } from '../../../engine/figures/scanSchematic';
import type { DataSummary } from '../../../shared/contract';
import { formatVolumeRef } from '../../../shared/volumes';
import { fileName, openDataDialog, useExperiment } from '../../state/experimentStore';
import { useViewer } from '../../state/viewerStore';
import { attempt, showView } from '../../state/windowStore';
import { MessageLine } from '../parts/MessageLine';
import { bytesText, shapeText, valueText } from '../parts/text';
import { ProjectionPreview } from './ProjectionPreview';
import { QualityNote } from './QualityNote';
import { ScanSchematic } from './ScanSchematic';

export function DataCard(): React.JSX.Element {
  const path = useExperiment((state) => state.dataPath);
  const data = useExperiment((state) => state.data);
  const loading = useExperiment((state) => state.dataLoading);
  const error = useExperiment((state) => state.dataError);
  return (
    <section className="card data-card" aria-label="Data">
      <div className="data-title">
        <Database aria-hidden="true" />
        <div className="grow">
          <h2 className="ellipsis" title={path ?? undefined}>
            {path === null ? 'No data open' : fileName(path)}
          </h2>
          <p className="muted small ellipsis">{subtitle(path, loading, data)}</p>
        </div>
        {data?.hasReference === true && (
          <button type="button" className="button small" onClick={() => showReference(data)}>
            Look at it
          </button>
        )}
        <button type="button" className="button small" onClick={() => void attempt(openDataDialog)}>
          <FolderOpen aria-hidden="true" />
          Open data...
        </button>
      </div>
      {data !== null && (
        <div className="data-body">
          <ProjectionPreview key={data.id} data={data} />
          {schematics(data).map((schematic) => (
            <ScanSchematic key={schematic.name} schematic={schematic} />
          ))}
          <Facts data={data} />
        </div>
      )}
      <QualityNote />
      {error !== null && <MessageLine kind="bad" text={error} />}
      {data?.problems.map(({ severity, message }) => (
        <MessageLine key={message} kind={severity === 'error' ? 'bad' : severity === 'warning' ? 'warn' : 'note'} text={message} />
      ))}
    </section>
  );
}

/** None for data without views, which cannot be opened anyway. */
function schematics({ geometry }: DataSummary): readonly Schematic[] {
  return geometry.sampledVectors.length === 0 ? [] : scanSchematics(geometry);
}

function subtitle(path: string | null, loading: boolean, data: DataSummary | null): string {
  if (path === null) return 'Drop a .pt file here, or choose one. Nothing is copied or changed.';
  if (loading) return 'Reading...';
  return data === null ? 'Cannot be used' : `${data.kind}, ${bytesText(data.bytes)}`;
}

function showReference(data: DataSummary): void {
  const [depth, height, width] = data.geometry.volumeShape;
  useViewer.setState({
    left: formatVolumeRef({ kind: 'data', dataId: data.id, array: 'reference' }),
    slices: [Math.floor(depth / 2), Math.floor(height / 2), Math.floor(width / 2)],
    window: null,
    layout: 'four',
  });
  showView('viewer');
}

function Facts({ data }: { readonly data: DataSummary }): React.JSX.Element {
  const { geometry } = data;
  const voxel = [...new Set(geometry.voxelSizeMm)].map(valueText).join(' x ');
  const facts: [string, string][] = [
    ['Volume', `${shapeText(geometry.volumeShape)} voxels of ${voxel} mm`],
    [
      'Projections',
      `${geometry.views} views of ${geometry.detectorRows} x ${geometry.detectorColumns}, ${Math.round(geometry.arcDegrees)} degrees`,
    ],
    ['Geometry', geometryText(geometry)],
    ['Pixel', `${geometry.pixelSizeMm.map(valueText).join(' x ')} mm`],
    ['Arrays', data.arrays.map(({ name, shape, dtype }) => `${name} ${shape.join('x')} ${dtype}`).join('; ')],
    ['Reference', data.hasReference ? 'yes: PSNR, SSIM and MSE are measured' : 'none: no PSNR can be measured'],
  ];
  return (
    <dl className="data-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd title={value}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function geometryText({ type, sourceToAxisMm, sourceToDetectorMm }: DataSummary['geometry']): string {
  const distances = [
    ...(sourceToAxisMm === null ? [] : [`source to axis ${valueText(sourceToAxisMm)} mm`]),
    ...(sourceToDetectorMm === null ? [] : [`to detector ${valueText(sourceToDetectorMm)} mm`]),
  ];
  return [type, ...distances].join(', ');
}

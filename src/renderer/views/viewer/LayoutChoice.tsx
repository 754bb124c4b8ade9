/** Four views, comparison, or the measured data. */
import { Columns2, Grid2x2, ScanLine } from 'lucide-react';
import { useExperiment } from '../../state/experimentStore';
import { useViewer } from '../../state/viewerStore';

export function LayoutChoice(): React.JSX.Element {
  const layout = useViewer((state) => state.layout);
  const hasData = useExperiment(({ data }) => data !== null);
  return (
    <div className="segmented wide">
      <button type="button" aria-pressed={layout === 'four'} onClick={() => useViewer.setState({ layout: 'four' })}>
        <Grid2x2 size={14} aria-hidden="true" /> Four views
      </button>
      <button type="button" aria-pressed={layout === 'compare'} onClick={() => useViewer.setState({ layout: 'compare', maximised: null })}>
        <Columns2 size={14} aria-hidden="true" /> Compare
      </button>
      <button
        type="button"
        aria-pressed={layout === 'scan'}
        disabled={!hasData}
        title={hasData ? 'Projections, sinogram and geometry of the open data (g)' : 'Open data first'}
        onClick={() => useViewer.setState({ layout: 'scan', playing: null })}
      >
        <ScanLine size={14} aria-hidden="true" /> Scan
      </button>
    </div>
  );
}

/** Volumes in four-up or side by side with everything that governs how they are shown, or the measured data. */
import { Layers } from 'lucide-react';
import { useEffect } from 'react';
import { openReference, useExperiment } from '../../state/experimentStore';
import { fitSlices, useViewer } from '../../state/viewerStore';
import { showView } from '../../state/windowStore';
import { useVolume } from '../../viewer/useVolume';
import { EmptyState } from '../parts/EmptyState';
import { ComparePanes } from './ComparePanes';
import { FourPanes } from './FourPanes';
import { IterateBar } from './IterateBar';
import { MeasurePanel } from './MeasurePanel';
import { ScanView } from './ScanView';
import { SidePanel } from './SidePanel';
import { counterpartOf, useSources } from './sources';
import { useOthers } from './useOthers';
import { useViewerKeys } from './useViewerKeys';
import { useWindows } from './useWindows';
import { ViewerFrame } from './ViewerFrame';

export function ViewerView(): React.JSX.Element {
  const layout = useViewer((state) => state.layout);
  const data = useExperiment((state) => state.data);
  return layout === 'scan' && data !== null ? <ScanView data={data} /> : <VolumesView />;
}

function VolumesView(): React.JSX.Element {
  const sources = useSources();
  const left = useViewer((state) => state.left);
  const layout = useViewer((state) => state.layout);
  const first = useVolume(left);
  const others = useOthers(layout === 'compare');
  const second = others[0];
  const reference = useExperiment(openReference);
  const anchor = useVolume(reference);
  const windows = useWindows(first.facts, second?.facts ?? null, anchor.facts);
  useViewerKeys(first.facts, windows.automatic);

  const firstSource = sources[0];
  useEffect(() => {
    if (left === null && firstSource !== undefined) useViewer.setState({ left: firstSource.newest });
  }, [left, firstSource]);
  const right = useViewer((state) => state.right);
  const counterpart = left === null ? null : counterpartOf(left, sources);
  useEffect(() => {
    if (layout === 'compare' && right === null && counterpart !== null) useViewer.setState({ right: counterpart });
  }, [layout, right, counterpart]);
  const shape = first.facts?.info.shape;
  useEffect(() => {
    if (shape !== undefined) fitSlices(shape);
  }, [shape]);

  if (sources.length === 0 && left === null) {
    return (
      <EmptyState
        icon={Layers}
        title="Nothing to look at yet"
        text="The reference volume of the open data and every iterate of every run are shown here: sections, 3D, side by side, with the iterates to scrub through."
      >
        <button type="button" className="button" onClick={() => showView('experiment')}>
          Open data or run the experiment
        </button>
      </EmptyState>
    );
  }
  return (
    <ViewerFrame side={<SidePanel sources={sources} left={first.facts} others={others} windows={windows} />}>
      <div className="viewer-panes">
        {first.failure !== null ? (
          <p className="pane-failure">{first.failure}</p>
        ) : first.facts === null ? (
          <p className="pane-failure quiet">Reading the volume...</p>
        ) : layout !== 'compare' ? (
          <FourPanes facts={first.facts} windows={windows} sources={sources} />
        ) : (
          <ComparePanes left={first.facts} others={others} windows={windows} sources={sources} />
        )}
      </div>
      {first.facts !== null && (
        <MeasurePanel left={first.facts} others={others.map(({ facts }) => facts)} anchor={anchor.facts} sources={sources} />
      )}
      <IterateBar side="left" />
      {others.map(({ side }) => (
        <IterateBar key={side} side={side} />
      ))}
    </ViewerFrame>
  );
}

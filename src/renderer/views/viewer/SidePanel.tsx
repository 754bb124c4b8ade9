/** What is shown, in which layout, through which window, and the value under the pointer. */
import { ChartSpline, Download, Plus, SquareDashed, X } from 'lucide-react';
import { useShallow } from 'zustand/react/shallow';
import type { Axis } from '../../api/volumes';
import { setExporting } from '../../state/chartsStore';
import { type CompareMode, dropVolume, moveSlice, resetPaneViews, sideNames, sides, toggleTool, useViewer } from '../../state/viewerStore';
import { attempt } from '../../state/windowStore';
import { axisNames, planeNames } from '../../viewer/paneGeometry';
import type { VolumeFacts } from '../../viewer/useVolume';
import { NumberField } from '../parts/NumberField';
import { ColourChoice } from './ColourChoice';
import { DifferenceRange } from './DifferenceRange';
import { LayoutChoice } from './LayoutChoice';
import { PointerReadout } from './PointerReadout';
import { panelsFigure } from './panelsFigure';
import { SourcePicker } from './SourcePicker';
import { type Source, sourceIdOf } from './sources';
import type { ComparedVolume } from './useOthers';
import type { Windows } from './useWindows';
import { WindowControls } from './WindowControls';

interface Props {
  readonly sources: readonly Source[];
  readonly left: VolumeFacts | null;
  readonly others: readonly ComparedVolume[];
  readonly windows: Windows;
}

export function SidePanel({ sources, left, others, windows }: Props): React.JSX.Element {
  const layout = useViewer((state) => state.layout);
  const difference = useViewer((state) => state.difference);
  const mode = useViewer((state) => state.compareMode);
  const crosshair = useViewer((state) => state.crosshair);
  const smooth = useViewer((state) => state.smooth);
  const exportPanels = async (): Promise<void> => {
    if (left === null) return;
    const shown = others.flatMap(({ side, facts }) => (facts === null ? [] : [{ side, facts }]));
    setExporting([await panelsFigure(left, shown, windows, sources)]);
  };
  return (
    <aside className="side-panel" aria-label="View settings">
      <section>
        <LayoutChoice />
        <SourcePicker side="left" label={layout === 'compare' ? 'Left' : 'Volume'} sources={sources} />
        {layout === 'compare' && (
          <>
            {others.map(({ side }) => (
              <SourcePicker key={side} side={side} label={sideNames[side]} sources={sources}>
                {side !== 'right' && (
                  <button
                    type="button"
                    className="icon-button"
                    title="Take this volume away"
                    aria-label={`Take the ${sideNames[side].toLowerCase()} volume away`}
                    onClick={() => dropVolume(side)}
                  >
                    <X aria-hidden="true" />
                  </button>
                )}
              </SourcePicker>
            ))}
            <AddVolume sources={sources} />
            <ModeChoice />
            <AxisChoice />
            {mode === 'side' && (
              <label className="check">
                <input type="checkbox" checked={difference} onChange={() => useViewer.setState({ difference: !difference })} />
                Difference (d)
              </label>
            )}
            {mode === 'side' && difference && left !== null && <DifferenceRange windows={windows} unit={left.info.unit} />}
          </>
        )}
      </section>
      <WindowControls left={left} right={others[0]?.facts ?? null} windows={windows} />
      <ToolChoice />
      <section>
        <h3>Slices</h3>
        {left !== null && ([0, 1, 2] as const).map((axis) => <SliceSlider key={axis} axis={axis} size={left.info.shape[axis]} />)}
      </section>
      <section>
        <h3>Display</h3>
        <label className="check">
          <input type="checkbox" checked={crosshair} onChange={() => useViewer.setState({ crosshair: !crosshair })} />
          Crosshair (c)
        </label>
        <label className="check">
          <input type="checkbox" checked={smooth} onChange={() => useViewer.setState({ smooth: !smooth })} />
          Smooth voxels (i)
        </label>
        <ColourChoice />
        <button type="button" className="button small" onClick={resetPaneViews}>
          Reset pan and zoom (r)
        </button>
        <button
          type="button"
          className="button small"
          disabled={left === null}
          title="The slices as panels (a), (b), (c) with scale bar and colour bar, for print"
          onClick={() => void attempt(exportPanels)}
        >
          <Download aria-hidden="true" />
          Figure of the slices...
        </button>
      </section>
      <PointerReadout left={left} others={others} />
    </aside>
  );
}

/** Puts the first source that is not shown yet beside the others, up to four volumes. */
function AddVolume({ sources }: { readonly sources: readonly Source[] }): React.JSX.Element | null {
  const shown = useViewer(useShallow((state) => sides.flatMap((side) => (state[side] === null ? [] : [state[side]]))));
  const place = useViewer(({ right, third, fourth }) => (right === null || fourth !== null ? null : third === null ? 'third' : 'fourth'));
  if (place === null) return null;
  const ids = shown.map(sourceIdOf);
  const next = sources.find(({ id }) => !ids.includes(id))?.newest ?? shown[0] ?? null;
  return (
    <button type="button" className="button small" onClick={() => useViewer.setState({ [place]: next })}>
      <Plus aria-hidden="true" />
      Add a volume
    </button>
  );
}

const modeNames: Record<CompareMode, string> = { side: 'Side by side', swipe: 'Swipe', flicker: 'Flicker' };

function ModeChoice(): React.JSX.Element {
  const mode = useViewer((state) => state.compareMode);
  return (
    <div className="segmented wide">
      {(['side', 'swipe', 'flicker'] as const).map((one) => (
        <button key={one} type="button" aria-pressed={mode === one} onClick={() => useViewer.setState({ compareMode: one })}>
          {modeNames[one]}
        </button>
      ))}
    </div>
  );
}

function ToolChoice(): React.JSX.Element {
  const tool = useViewer((state) => state.tool);
  return (
    <section>
      <h3>Measure</h3>
      <div className="segmented wide">
        <button type="button" aria-pressed={tool === 'profile'} title="Drag a line on a slice (l)" onClick={() => toggleTool('profile')}>
          <ChartSpline size={14} aria-hidden="true" /> Profile
        </button>
        <button type="button" aria-pressed={tool === 'region'} title="Drag a rectangle on a slice (s)" onClick={() => toggleTool('region')}>
          <SquareDashed size={14} aria-hidden="true" /> Region
        </button>
      </div>
    </section>
  );
}

function AxisChoice(): React.JSX.Element {
  const axis = useViewer((state) => state.axis);
  return (
    <div className="segmented wide">
      {([0, 1, 2] as const).map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={axis === one}
          title={`${planeNames[one]} (${axisNames[one]})`}
          onClick={() => useViewer.setState({ axis: one })}
        >
          {planeNames[one]}
        </button>
      ))}
    </div>
  );
}

function SliceSlider({ axis, size }: { readonly axis: Axis; readonly size: number }): React.JSX.Element {
  const index = useViewer((state) => state.slices[axis]);
  return (
    <div className="labelled">
      <span className="axis-name">{axisNames[axis]}</span>
      <input
        type="range"
        className="grow"
        min={0}
        max={size - 1}
        value={Math.max(0, index)}
        aria-label={`${planeNames[axis]} slice`}
        onChange={(event) => moveSlice(axis, Number(event.target.value), size)}
      />
      <NumberField label={`${planeNames[axis]} slice number`} value={index + 1} onAccept={(value) => moveSlice(axis, value - 1, size)} />
    </div>
  );
}

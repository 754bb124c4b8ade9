/** The five-minute tour: a card beside the control it speaks of. Everything stays usable meanwhile, and the tour can be left at any time. */
import { useEffect, useRef, useState } from 'react';
import { openConfig, openData, useExperiment } from '../state/experimentStore';
import { attempt, showTourStep, showView, useWindow } from '../state/windowStore';
import { tourSteps } from './tourSteps';

const followMs = 300;
const cardWidth = 340;
const margin = 12;

export function Tour({ step }: { readonly step: number }): React.JSX.Element | null {
  const shown = tourSteps[step];
  const next = useRef<HTMLButtonElement>(null);
  const place = usePlaceOf(shown?.target ?? '');
  useEffect(() => {
    if (shown === undefined) return;
    showView(shown.view);
    next.current?.focus();
  }, [shown]);
  useEffect(() => {
    const leave = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) showTourStep(null);
    };
    window.addEventListener('keydown', leave);
    return () => window.removeEventListener('keydown', leave);
  }, []);
  if (shown === undefined) return null;
  const isLast = step === tourSteps.length - 1;
  return (
    <>
      {place !== null && (
        <div
          className="tour-ring"
          aria-hidden="true"
          style={{ left: place.left - 3, top: place.top - 3, width: place.width + 6, height: place.height + 6 }}
        />
      )}
      <section className="tour-card" aria-label="Five-minute tour" style={{ width: cardWidth, ...cardPlace(place) }}>
        <p className="muted small">{`Step ${step + 1} of ${tourSteps.length}`}</p>
        <h2>{shown.title}</h2>
        <p aria-live="polite">{shown.text}</p>
        {step === 0 && <WalnutButton />}
        <div className="tour-actions">
          <button type="button" className="button small quiet" onClick={() => showTourStep(null)}>
            Leave the tour
          </button>
          <span className="grow" />
          <button type="button" className="button small" disabled={step === 0} onClick={() => showTourStep(step - 1)}>
            Back
          </button>
          <button ref={next} type="button" className="button small primary" onClick={() => showTourStep(isLast ? null : step + 1)}>
            {isLast ? 'Done' : 'Next'}
          </button>
        </div>
      </section>
    </>
  );
}

/** The tour speaks of the bundled walnut; one's own work is replaced only on request. */
function WalnutButton(): React.JSX.Element | null {
  const application = useWindow((state) => state.application);
  const dataPath = useExperiment((state) => state.dataPath);
  const quickstart = application?.examples.find(({ name }) => name === 'quickstart')?.configPath;
  if (application === null || quickstart === undefined || dataPath === application.sampleDataPath) return null;
  const load = async (): Promise<void> => {
    await openConfig(quickstart);
    await openData(application.sampleDataPath);
  };
  return (
    <button type="button" className="button small" onClick={() => void attempt(load)}>
      Open the bundled walnut
    </button>
  );
}

/** Follows the control while views load and windows change their size; null where it is not on screen. */
function usePlaceOf(target: string): DOMRect | null {
  const [place, setPlace] = useState<DOMRect | null>(null);
  useEffect(() => {
    const follow = (): void => {
      const found = document.querySelector(target)?.getBoundingClientRect() ?? null;
      setPlace((known) => (known !== null && found !== null && sameRect(known, found) ? known : found));
    };
    follow();
    const timer = setInterval(follow, followMs);
    return () => clearInterval(timer);
  }, [target]);
  return place;
}

function sameRect(a: DOMRect, b: DOMRect): boolean {
  return a.left === b.left && a.top === b.top && a.width === b.width && a.height === b.height;
}

/** Where there is room: below the control, above it, or in its lower right corner. */
function cardPlace(place: DOMRect | null): React.CSSProperties {
  if (place === null) return { right: margin, bottom: 46 };
  const left = Math.max(margin, Math.min(place.left, window.innerWidth - cardWidth - margin));
  if (window.innerHeight - place.bottom > 230) return { left, top: place.bottom + margin };
  if (place.top > 240) return { left, bottom: window.innerHeight - place.top + margin };
  return { right: Math.max(margin, window.innerWidth - place.right + margin), bottom: 56 };
}

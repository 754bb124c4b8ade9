/** A slider through a sequence with steps, play and speed; what the sequence is of is the owner's. */
import { Pause, Play, SkipBack, SkipForward } from 'lucide-react';
import { useEffect } from 'react';
import { usualStepMs } from '../../state/viewerStore';

export interface PlayBarProps {
  /** Before the buttons, e.g. "Left"; null: nothing. */
  readonly name: string | null;
  /** One of the sequence with an article's worth of meaning, e.g. "iterate". */
  readonly what: string;
  /** Ends the buttons' names where there are several bars, e.g. ", left". */
  readonly suffix: string;
  readonly position: number;
  readonly count: number;
  /** Read out for the slider, and on screen. */
  readonly valueText: string;
  readonly children: React.ReactNode;
  readonly playing: boolean;
  /** Milliseconds from one to the next. */
  readonly stepMs: number;
  readonly onShow: (position: number) => void;
  readonly onPlay: (playing: boolean) => void;
  readonly onStepMs: (stepMs: number) => void;
}

const speeds = [
  { name: '0.5 x', stepMs: 900 },
  { name: '1 x', stepMs: usualStepMs },
  { name: '2 x', stepMs: 225 },
  { name: '5 x', stepMs: 90 },
] as const;

export function PlayBar(props: PlayBarProps): React.JSX.Element {
  const { what, suffix, position, count, playing, stepMs, onShow, onPlay } = props;
  const capital = what.charAt(0).toUpperCase() + what.slice(1);

  useEffect(() => {
    if (!playing || count < 2) return;
    const timer = setTimeout(() => onShow((position + 1) % count), stepMs);
    return () => clearTimeout(timer);
  }, [playing, count, position, stepMs, onShow]);

  return (
    <div className="iterate-bar">
      {props.name !== null && <span className="iterate-side">{props.name}</span>}
      <button
        type="button"
        className="icon-button"
        aria-label={`Earlier ${what}${suffix}`}
        title={`Earlier ${what} (Left)`}
        disabled={position === 0}
        onClick={() => onShow(position - 1)}
      >
        <SkipBack aria-hidden="true" />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={playing ? 'Stop playing' : `Play the ${what}s${suffix}`}
        aria-pressed={playing}
        title="Play or stop (Space)"
        disabled={count < 2}
        onClick={() => onPlay(!playing)}
      >
        {playing ? <Pause aria-hidden="true" /> : <Play aria-hidden="true" />}
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={`Later ${what}${suffix}`}
        title={`Later ${what} (Right)`}
        disabled={position >= count - 1}
        onClick={() => onShow(position + 1)}
      >
        <SkipForward aria-hidden="true" />
      </button>
      <input
        type="range"
        className="grow"
        min={0}
        max={Math.max(0, count - 1)}
        value={position}
        aria-label={`${capital}${suffix}`}
        aria-valuetext={props.valueText}
        onChange={(event) => onShow(Number(event.target.value))}
      />
      <select
        className="field play-speed"
        aria-label={`Speed of playing${suffix}`}
        title="Speed of playing"
        value={stepMs}
        onChange={(event) => props.onStepMs(Number(event.target.value))}
      >
        {speeds.map(({ name, stepMs: step }) => (
          <option key={step} value={step}>
            {name}
          </option>
        ))}
      </select>
      <span className="iterate-text">{props.children}</span>
    </div>
  );
}

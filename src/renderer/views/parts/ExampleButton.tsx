/** Leads from an empty view to finished runs that can be looked at. */
import { openExample } from '../../state/session';
import { attempt } from '../../state/windowStore';

export function ExampleButton(): React.JSX.Element {
  return (
    <button type="button" className="button" onClick={() => void attempt(openExample)}>
      Open example results
    </button>
  );
}

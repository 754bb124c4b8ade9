/** Makes a parameter vary: one value for each row, to be edited in its new column, or every row with each of several values. */
import { useState } from 'react';
import { addParameter } from '../../state/experimentStore';
import { attempt } from '../../state/windowStore';
import { Dialog } from '../Dialogs';
import { MessageLine } from '../parts/MessageLine';

interface Props {
  /** Parameters of the row with the value they have now. */
  readonly parameters: readonly (readonly [key: string, value: string])[];
  readonly rowIndex: number;
  readonly rowCount: number;
  readonly onClose: () => void;
}

export function AddParameterDialog({ parameters, rowIndex, rowCount, onClose }: Props): React.JSX.Element {
  const [key, setKey] = useState(parameters[0]?.[0] ?? '');
  const [how, setHow] = useState<'each' | 'all'>('each');
  const [values, setValues] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const now = parameters.find(([name]) => name === key)?.[1] ?? '';
  const listed = splitValues(values);
  const add = (event: React.FormEvent): void => {
    event.preventDefault();
    void attempt(async () => {
      const refused = await addParameter(rowIndex, key, how === 'each' ? null : listed);
      setProblem(refused);
      if (refused === null) onClose();
    });
  };
  return (
    <Dialog title="Vary a parameter" onClose={onClose}>
      <form className="stacked-form" onSubmit={add}>
        <label className="stacked">
          Parameter
          <select className="field" value={key} onChange={(event) => setKey(event.target.value)}>
            {parameters.map(([name]) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <fieldset>
          <legend className="visually-hidden">How it varies</legend>
          <label>
            <input type="radio" name="how" checked={how === 'each'} onChange={() => setHow('each')} />
            <span>
              One value for each row <span className="muted small">a column to edit; now {now === '' ? 'not set' : now} in all</span>
            </span>
          </label>
          <label>
            <input type="radio" name="how" checked={how === 'all'} onChange={() => setHow('all')} />
            <span>
              Every row with each of these values{' '}
              <span className="muted small">
                {listed.length > 1 ? `${rowCount * listed.length} rows instead of ${rowCount}` : 'separated by commas'}
              </span>
            </span>
          </label>
        </fieldset>
        {how === 'all' && (
          <label className="stacked">
            Values
            <input
              type="text"
              className="field mono"
              placeholder={`${now}, ...`}
              value={values}
              spellCheck={false}
              onChange={(event) => setValues(event.target.value)}
            />
          </label>
        )}
        {problem !== null && <MessageLine kind="bad" text={problem} />}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={key === '' || (how === 'all' && listed.length === 0)}>
            Add
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** "0.1, 0.2" and "[8,64,64], [16,64,64]": commas in brackets separate nothing. */
export function splitValues(text: string): string[] {
  const values: string[] = [];
  let depth = 0;
  let value = '';
  for (const character of text) {
    if (character === '[') depth++;
    if (character === ']') depth--;
    if (character === ',' && depth === 0) {
      values.push(value.trim());
      value = '';
    } else value += character;
  }
  values.push(value.trim());
  return values.filter((one) => one !== '');
}

/** New from Template: the shipped experiments, each with what it is; the chosen one becomes a configuration without a file. */
import { useEffect, useState } from 'react';
import type { RequestAnswer } from '../../../shared/contract';
import { request } from '../../api/client';
import { takeTemplate } from '../../state/experimentStore';
import { attempt, showDialog } from '../../state/windowStore';
import { Dialog } from '../Dialogs';

export function TemplateDialog(): React.JSX.Element {
  const [templates, setTemplates] = useState<RequestAnswer<'config.templates'>>([]);
  useEffect(() => {
    void attempt(async () => setTemplates(await request('config.templates', {})));
  }, []);
  return (
    <Dialog title="New from template">
      <p className="muted small">The text in the editor is replaced; Ctrl+Z brings it back.</p>
      <ul className="templates">
        {templates.map(({ name, title, summary, text, rows }) => (
          <li key={name}>
            <button
              type="button"
              onClick={() => {
                showDialog(null);
                takeTemplate(text);
              }}
            >
              <span className="template-title">
                {title}
                <span className="badge">{rows === 1 ? '1 row' : `${rows} rows`}</span>
              </span>
              <span className="muted small">{summary}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** The YAML with its problems listed below. */
import { FolderOpen, Save } from 'lucide-react';
import { useRef } from 'react';
import { configName, openConfigDialog, saveConfig, setText, useExperiment } from '../../state/experimentStore';
import { attempt } from '../../state/windowStore';
import { ProblemList } from './ProblemList';
import { type EditorHandle, YamlEditor } from './YamlEditor';

export function TextPanel(): React.JSX.Element {
  const text = useExperiment((state) => state.text);
  const plan = useExperiment((state) => state.plan);
  const name = useExperiment(configName);
  const editor = useRef<EditorHandle>(null);
  const problems = plan?.problems ?? [];
  return (
    <section className="card text-panel" aria-label="Configuration text">
      <div className="card-header">
        <h2 className="grow ellipsis">{name}</h2>
        <button
          type="button"
          className="icon-button"
          title="Open a configuration (Ctrl+L)"
          aria-label="Open a configuration"
          onClick={() => void attempt(openConfigDialog)}
        >
          <FolderOpen aria-hidden="true" />
        </button>
        <button
          type="button"
          className="icon-button"
          title="Save (Ctrl+S)"
          aria-label="Save the configuration"
          onClick={() => void attempt(() => saveConfig(false))}
        >
          <Save aria-hidden="true" />
        </button>
      </div>
      <YamlEditor ref={editor} text={text} problems={problems} onChange={setText} />
      <ProblemList problems={problems} onOpen={(line) => editor.current?.showLine(line)} />
    </section>
  );
}

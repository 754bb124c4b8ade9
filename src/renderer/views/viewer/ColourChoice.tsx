/** The colours that slices are drawn in. */
import { type ColourMap, useViewer } from '../../state/viewerStore';

export function ColourChoice(): React.JSX.Element {
  const colourMap = useViewer((state) => state.colourMap);
  return (
    <label className="labelled">
      Colours
      <select
        className="field grow"
        value={colourMap}
        onChange={(event) => useViewer.setState({ colourMap: asColourMap(event.target.value) })}
      >
        <option value="grey">Grey</option>
        <option value="inverted">Grey, inverted</option>
        <option value="viridis">Viridis</option>
      </select>
    </label>
  );
}

function asColourMap(text: string): ColourMap {
  return text === 'inverted' || text === 'viridis' ? text : 'grey';
}

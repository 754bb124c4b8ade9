/** Accepts files dropped anywhere on the window: .yml and .yaml are configurations, everything else is data. */
import { useEffect, useState } from 'react';
import { pathOfFile } from '../api/client';
import { attempt, showError, showView } from '../state/windowStore';

type Open = (path: string) => Promise<void>;

/** Returns true while a file hovers over the window. */
export function useFileDrop(openData: Open, openConfig: Open): boolean {
  const [dropping, setDropping] = useState(false);
  useEffect(() => {
    const isFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    const over = (event: DragEvent): void => {
      if (!isFile(event)) return;
      event.preventDefault();
      setDropping(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setDropping(false);
    };
    const drop = (event: DragEvent): void => {
      if (!isFile(event)) return;
      event.preventDefault();
      setDropping(false);
      const file = event.dataTransfer?.files[0];
      if (file === undefined) return;
      const path = pathOfFile(file);
      if (path === '') {
        showError(new Error(`${file.name} has no place on this computer's disk. Save it first, then open it.`));
        return;
      }
      showView('experiment');
      void attempt(() => (/\.ya?ml$/i.test(path) ? openConfig(path) : openData(path)));
    };
    window.addEventListener('dragover', over);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, [openData, openConfig]);
  return dropping;
}

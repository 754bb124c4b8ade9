/** The program's mark: rays through a section. */
export function Brand(): React.JSX.Element {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" aria-hidden="true">
      <path d="M2 12 L21 4 M2 12 L21 20" opacity="0.55" />
      <path d="M21 3.2 V20.8" strokeWidth="2.4" />
      <circle cx="13" cy="12" r="4.6" fill="currentColor" fillOpacity="0.16" />
      <circle cx="13" cy="12" r="1.3" fill="currentColor" stroke="none" />
      <circle cx="2.4" cy="12" r="1.4" fill="currentColor" stroke="none" />
    </svg>
  );
}

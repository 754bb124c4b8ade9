/** Numbers, sizes, times and dates as people read them. */

/** "3.2 s", "4 min 05 s", "2 h 10 min". */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'unknown';
  if (seconds < 0.0995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** A measured time with the digits that tell runs apart: "7.4 ms", "142 ms", "1.68 s", "12.3 s", "4 min 05 s". What is foretold has fewer. */
export function measuredTimeText(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds >= 59.95) return durationText(seconds);
  if (seconds >= 0.9995) return `${seconds.toFixed(seconds < 9.995 ? 2 : 1)} s`;
  const ms = seconds * 1000;
  return `${ms >= 9.95 || ms === 0 ? Math.round(ms) : ms.toFixed(1)} ms`;
}

/** Bytes in binary units: "3.9 GiB". */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** MB (1e6 bytes, as results count them) in binary units. */
export function megabytesText(megabytes: number): string {
  return bytesText(megabytes * 1e6);
}

export function decibelText(psnr: number | null): string {
  return psnr === null ? '' : psnr.toFixed(2);
}

/** A value with about four digits that matter, without exponents where they can be avoided. */
export function valueText(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e5 || size < 1e-4 ? value.toExponential(2) : Number(value.toPrecision(4)).toString();
}

export function shapeText(shape: readonly number[]): string {
  return shape.join(' x ');
}

// Made once: a formatter costs more than a thousand of its answers.
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const calendar = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** "today 14:03" or "21 Nov 14:03". */
export function momentText(iso: string, now: Date): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  const time = clock.format(date);
  return date.toDateString() === now.toDateString() ? `today ${time}` : `${calendar.format(date)} ${time}`;
}

/** Finds the known name that a mistyped one most likely means. */

/** The known name within a third of the letters of `name` (at least two edits), or the one that contains it or is contained in it; null where none is near. */
export function nearestName(name: string, known: readonly string[]): string | null {
  const wanted = normalise(name);
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, normalise(candidate), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  if (best !== null || wanted.length < 4) return best;
  return known.find((candidate) => normalise(candidate).includes(wanted) || wanted.includes(normalise(candidate))) ?? null;
}

/** " Did you mean X?" or the list of what is known; starts with a space. */
export function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === null ? ` Known names: ${known.join(', ')}.` : ` Did you mean ${nearest}?`;
}

function normalise(name: string): string {
  return name.toLowerCase().replaceAll('-', '_').slice(0, 80);
}

/** Optimal string alignment distance (insert, delete, replace, swap neighbours), given up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min((last[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) value = Math.min(value, (beforeLast[j - 2] ?? 0) + 1);
      current.push(value);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? limit;
}

// Keeps what takes long to find out for a while, and finds it out once however many ask.

/** `make` is asked at most once in `ms` milliseconds, unless it fails; `now` in milliseconds. */
export function kept<T>(
  now: () => number,
  ms: number,
  make: (at: number) => Promise<T>,
): () => Promise<T> {
  let last: { readonly at: number; readonly made: Promise<T> } | null = null;
  return () => {
    const at = now();
    if (last !== null && Math.abs(at - last.at) < ms) return last.made;
    const mine = { at, made: make(at) };
    last = mine;
    mine.made.catch(() => {
      if (last === mine) last = null;
    });
    return mine.made;
  };
}

// What `exuvia conformance --json` says, and what of it has failed.

export interface Report {
  readonly ok: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly leftBehind: string | null;
  readonly results: readonly {
    readonly group: string;
    readonly name: string;
    readonly kind: 'passed' | 'failed' | 'skipped';
    readonly reason?: string;
    readonly expected?: string;
    readonly got?: string;
    readonly note?: string;
  }[];
}

/** `name: expected, came` of what failed. */
export function failures({ results }: Report): string[] {
  return results.flatMap(({ kind, name, expected, got }) =>
    kind === 'failed' ? [`${name}: expected ${expected}, came ${got}`] : [],
  );
}

// What a verifier has to say about an archive: findings by code, as many as a reader can use, and all of them counted.

/** The exit codes of `verify`; the lowest one that counts wins. */
const findingCodes = {
  /** Nothing wrong: something the reader should know. */
  remark: 0,
  usage: 2,
  malformed: 10,
  logSignature: 11,
  quorum: 12,
  rootMismatch: 13,
  inconsistent: 14,
  rolledBack: 15,
  missingBody: 20,
  commitment: 21,
  badObject: 22,
  keyUnknown: 23,
  unauthorised: 24,
  context: 25,
  /** Whoever made the archive had dropped a body that the log has not erased, and says so. */
  withdrawn: 26,
  authorChain: 30,
  receipt: 31,
} as const;

export type FindingName = keyof typeof findingCodes;
export type FindingCode = (typeof findingCodes)[FindingName];

export interface Finding {
  readonly code: FindingCode;
  /** The entry it is about, where it is about one. */
  readonly index?: number;
  readonly message: string;
}

/** Findings kept of each code; more are only counted. */
const keptFindings = 25;

export class Findings {
  readonly #kept: Finding[] = [];
  readonly #counts = new Map<FindingCode, number>();
  readonly #tolerated: ReadonlySet<FindingCode>;

  /** Findings of the tolerated codes are reported and do not decide the verdict. */
  constructor(tolerated: readonly FindingName[] = []) {
    this.#tolerated = new Set([
      findingCodes.remark,
      ...tolerated.map((name) => findingCodes[name]),
    ]);
  }

  add(name: FindingName, message: string, index?: number): void {
    const code = findingCodes[name];
    const count = (this.#counts.get(code) ?? 0) + 1;
    this.#counts.set(code, count);
    if (count > keptFindings) return;
    this.#kept.push(index === undefined ? { code, message } : { code, index, message });
  }

  /** The lowest code that counts, 0 when there is none. */
  get code(): FindingCode {
    const codes = [...this.#counts.keys()].filter((code) => !this.#tolerated.has(code));
    return codes.reduce<FindingCode>((low, code) => (low === 0 || code < low ? code : low), 0);
  }

  /** The kept findings, lowest code first, then in the order of the log. */
  list(): readonly Finding[] {
    return this.#kept.toSorted((a, b) => a.code - b.code || (a.index ?? -1) - (b.index ?? -1));
  }

  /** How many findings there are of each code. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => a - b));
  }
}

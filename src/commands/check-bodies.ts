// Checks what a log's entries commit to: bytes that hash to their name, salts that open, proofs under the keys of their place.

import { commitment, parseEntry } from '../log/entry.ts';
import { StatedIdentities } from '../log/stated-identities.ts';
import { equalBytes, fromBase64url } from '../protocol/bytes.ts';
import type { CanonicalBytes } from '../protocol/jcs.ts';
import { isObject, parseIJson } from '../protocol/json.ts';
import { nameOf } from '../protocol/object-name.ts';
import { isHeld, listHolds } from '../store/holds.ts';
import type { LogHead } from '../store/logs.ts';
import { readLeaves, type StoredLeaf } from '../store/queries/bodies.ts';
import { checkEntries, type KeysAt } from './check-entries.ts';
import type { CommandContext } from './context.ts';
import { type Fault, fault } from './fault.ts';
import { keptKeys } from './kept-keys.ts';

const STEP = 256;

type Context = Pick<CommandContext, 'db' | 'crypto'>;

export interface CheckedBodies {
  readonly faults: readonly Fault[];
  /** Bodies whose signature was checked. */
  readonly verified: number;
  /** Bodies by did:webs of which no document is kept: all but their signature was checked. */
  readonly unverified: number;
}

/** Opens no connection. `progress` is told of the entries looked at. */
export async function checkBodies(
  context: Context,
  head: LogHead,
  progress: (entries: number) => void = () => undefined,
): Promise<CheckedBodies> {
  const held = isHeld(await listHolds(context.db), head.origin);
  const check = new BodyCheck(context, head, held);
  for (let start = 0; start < head.size; start += STEP) {
    const end = Math.min(start + STEP, head.size);
    for (const leaf of await check.read(start, end)) await check.take(leaf);
    progress(end - start);
  }
  return check;
}

class BodyCheck {
  readonly #context: Context;
  readonly #head: LogHead;
  readonly #held: boolean;
  readonly #stated = new StatedIdentities();
  /** Of a did:web those of the documents that were kept when its objects were accepted. */
  readonly #keysAt: KeysAt;
  readonly faults: Fault[] = [];
  verified = 0;
  unverified = 0;

  constructor(context: Context, head: LogHead, held: boolean) {
    this.#context = context;
    this.#head = head;
    this.#held = held;
    this.#keysAt = keptKeys(context.db);
  }

  /** One by one where they cannot be read together, to name the row that cannot. */
  async read(start: number, end: number): Promise<StoredLeaf[]> {
    try {
      return await readLeaves(this.#context.db, this.#head, start, end);
    } catch (error) {
      if (end - start > 1) {
        const middle = Math.floor((start + end) / 2);
        return [...(await this.read(start, middle)), ...(await this.read(middle, end))];
      }
      this.#entry(start, error instanceof Error ? error.message : String(error));
      return [];
    }
  }

  async take(leaf: StoredLeaf): Promise<void> {
    const { body, index, line } = leaf;
    const { crypto } = this.#context;
    const { isHome, size } = this.#head;
    if (body.erased) {
      // Withdrawn by this node: the record is what there is to read.
      if (body.by === null) return;
      // A replica may hear of an erasure before the act that demands it, and a backup does by the list of erasures.
      const known = body.by > index && (body.by < size || !isHome || this.#held);
      if (!known) this.#entry(index, `it is erased by ${body.by}, which cannot be`);
      return;
    }
    const entry = parseEntry(line);
    if (entry === null) return this.#entry(index, 'its columns make no entry');
    if (nameOf(body.bytes, crypto) !== body.name) {
      this.faults.push(fault('objects', body.name, 'its bytes have another hash'));
      return;
    }
    const opened = commitment(body.salt, body.bytes, crypto);
    if (!equalBytes(opened, fromBase64url(entry.c) as Uint8Array)) {
      return this.#entry(index, 'salt and object do not open the commitment');
    }
    await this.#verify(leaf, body);
  }

  async #verify(
    { index, line }: StoredLeaf,
    { bytes, name, salt }: { bytes: CanonicalBytes; name: string; salt: Uint8Array },
  ): Promise<void> {
    const parsed = parseIJson(bytes);
    if (!parsed.ok || !isObject(parsed.value)) {
      this.faults.push(fault('objects', name, 'its bytes are no object'));
      return;
    }
    const { crypto } = this.#context;
    const deps = {
      crypto,
      now: Number.MAX_SAFE_INTEGER,
      keysAt: this.#keysAt,
      stated: this.#stated,
    };
    const entry = { line, body: { erased: false, object: parsed.value, salt } } as const;
    const verdict = await checkEntries(this.#head, index, [entry], deps);
    if (verdict.ok) this.verified += 1;
    else if (verdict.objectReason === 'key_unresolvable') this.unverified += 1;
    else if (verdict.reason === 'object_refused') {
      this.faults.push(fault('objects', name, verdict.detail));
    } else this.#entry(index, verdict.detail);
  }

  #entry(index: number, problem: string): void {
    this.faults.push(fault('entries', `log ${this.#head.id}, idx ${index}`, problem));
  }
}

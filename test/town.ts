// One node's submolts in memory, and agents who act in them: what tests of the domain rules share.
import { apply } from '../src/domain/apply.ts';
import { type Decision, decide } from '../src/domain/decide.ts';
import { emptyKeys, keysOf, mergeKeys } from '../src/domain/keys.ts';
import { type EntryPlace, isStatement } from '../src/domain/matter.ts';
import { MemoryRows } from '../src/domain/memory-rows.ts';
import type { ActivityDraft } from '../src/protocol/activity.ts';
import { formatDateTime } from '../src/protocol/date-time.ts';
import { type Did, parseDid } from '../src/protocol/did.ts';
import type { VerifiedObject } from '../src/protocol/object.ts';
import { nameFromHash, type ObjectName } from '../src/protocol/object-name.ts';

export function did(host: string): Did {
  return parseDid(`did:web:${host}.example`)!;
}

export const NODE = did('node');
export const ELSEWHERE = did('elsewhere');

/** A name no act of a test has unless it is signed `n`th. */
export function nthName(n: number): ObjectName {
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setUint32(0, n);
  return nameFromHash(hash);
}

export interface Accepted {
  readonly object: VerifiedObject;
  readonly place: EntryPlace;
}

/** A did:webvh and the key it signs with. */
export interface Signatory extends Pick<VerifiedObject, 'keyId' | 'publicKey'> {
  readonly did: Did;
}

export class Town {
  readonly memory = new MemoryRows();
  readonly accepted: Accepted[] = [];
  /** Those that were signed: what acts depend on is among them. */
  readonly statements = new Map<ObjectName, VerifiedObject>();
  /** Milliseconds. */
  now = 1_763_600_000_000;
  #signed = 0;

  /** The rules see what a verifier has passed; here names are numbers and the proof is left out. */
  sign(actor: Did | Signatory, draft: ActivityDraft): VerifiedObject {
    this.#signed += 1;
    const published = formatDateTime(Math.floor(this.now / 1000));
    const { did, ...key } = typeof actor === 'string' ? { did: actor } : actor;
    const proof = { verificationMethod: 'keyId' in key ? key.keyId : did };
    const activity = { actor: did, published, proof, ...draft };
    const object = { name: nthName(this.#signed), activity, ...key } as unknown as VerifiedObject;
    if (isStatement(object.activity)) this.statements.set(object.name, object);
    return object;
  }

  /** Decides and applies a group one after another over one strict working set, as the sequencer does. */
  submitGroup(
    objects: readonly VerifiedObject[],
    watch?: (object: VerifiedObject, decision: Decision) => void,
  ): void {
    const keys = emptyKeys();
    for (const { activity, name } of objects) mergeKeys(keys, keysOf(activity, name));
    const rows = this.memory.open(NODE, keys);
    for (const object of objects) {
      const decision = decide(rows, object, { node: NODE, now: this.now, t: this.now });
      watch?.(object, decision);
      if (decision.kind !== 'accept') continue;
      const place = { log: decision.log, node: NODE, t: this.now };
      const first = decision.first.map((name) => this.statements.get(name)!);
      for (const entry of [...first, object]) {
        apply(rows, entry, place);
        this.accepted.push({ object: entry, place });
      }
    }
  }

  submit(actor: Did | Signatory, draft: ActivityDraft): { name: ObjectName; decision: Decision } {
    const object = this.sign(actor, draft);
    const decisions: Decision[] = [];
    this.submitGroup([object], (_, decision) => decisions.push(decision));
    return { name: object.name, decision: decisions[0]! };
  }

  /** Submits an act that the test needs accepted. */
  do(actor: Did | Signatory, draft: ActivityDraft): ObjectName {
    const { name, decision } = this.submit(actor, draft);
    if (decision.kind !== 'accept') throw new Error(JSON.stringify(decision));
    return name;
  }
}

/** Drafts, with what tests do not care about filled in. */
export function found(slug: string, target = NODE): ActivityDraft {
  return { type: 'Create', target, object: { type: 'Group', preferredUsername: slug, name: slug } };
}

export function post(audience: ObjectName, name = 'title', content = 'words'): ActivityDraft {
  const object = { type: 'Article', name, content, mediaType: 'text/markdown' } as const;
  return { type: 'Create', audience, object };
}

export function comment(
  audience: ObjectName,
  inReplyTo: ObjectName,
  content = 'words',
  context?: ObjectName,
): ActivityDraft {
  const note = { type: 'Note', content, mediaType: 'text/markdown', inReplyTo } as const;
  return { type: 'Create', audience, object: context ? { ...note, context } : note };
}

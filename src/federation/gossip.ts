// Checkpoints that ride on every message between nodes: what is shown to others, and what is made of theirs.

import { systemOrigin } from '../commands/origin.ts';
import { isOwnOrigin, judgeOwnHead, type OwnHead } from '../commands/own-heads.ts';
import { openCheckpoint } from '../log/checkpoint.ts';
import { ownSignatureOnly, uncosigned } from '../log/evidence-file.ts';
import { NOTE_ED25519, noteVerifier } from '../log/note-key.ts';
import { toBase64, utf8 } from '../protocol/bytes.ts';
import { readCheckpoints, writeCheckpoints } from '../protocol/checkpoints-field.ts';
import { readLog, selectLog } from '../store/logs.ts';
import { findLog } from '../store/queries/logs.ts';
import { findPeerByAuthority } from '../store/queries/peers.ts';
import { readShownHead, selectHeldHeads, selectShownHeads } from '../store/seen-heads.ts';
import { type Accuser, settleHead, settleOwnHead } from './settle-heads.ts';

/** Of the logs of whom it is for, and of those of others: each time the next ones. */
const SHOWN_OF_EACH = 3;
/** Notes that were looked at lately, by their hash. */
const MAX_REMEMBERED = 4_096;
/** Below every character of an origin, and above. */
const [FIRST, LAST] = ['', '\uffff'];

type OwnHeadFinding = Extract<OwnHead, { kind: 'behind' | 'forked' }>;

export interface GossipDeps extends Accuser {
  /** Somebody holds a head of a log of this node that this node does not have, signed by its own key. */
  readonly onOwnHead: (finding: OwnHeadFinding, note: string, source: string) => Promise<void>;
  /** A node has shown a head of its own system log under a key that it has not stated here. */
  readonly onUnknownKey: (authority: string) => void;
}

export class Gossip {
  readonly #deps: GossipDeps;
  readonly #seen = new Set<string>();
  /** Origin that was shown last, by recipient. */
  readonly #shown = new Map<string, { own: string; others: string }>();

  constructor(deps: GossipDeps) {
    this.#deps = deps;
  }

  /** The field for a message to the node with this authority, or to one that is not known by any (null). */
  async show(recipient: string | null): Promise<string | null> {
    const { db, node } = this.#deps;
    const key = recipient ?? '';
    const last = this.#shown.get(key) ?? { own: FIRST, others: FIRST };
    const [from, to] = recipient === null ? ['', ''] : [`${recipient}/log/`, `${recipient}/log/~`];
    const after = last.own === FIRST ? from : last.own;
    const [system = [], theirs = [], others = []] = await db.batch('read', [
      selectLog(systemOrigin(node)),
      selectShownHeads(after, to, SHOWN_OF_EACH),
      selectHeldHeads(last.others, LAST, SHOWN_OF_EACH * 2),
    ]);
    const heads = theirs.map(readShownHead);
    const rest = others
      .map(readShownHead)
      .filter(({ origin }) => recipient === null || !origin.startsWith(from))
      .slice(0, SHOWN_OF_EACH);
    const next = (list: readonly { origin: string }[], full: number) =>
      list.length < full ? FIRST : (list.at(-1)?.origin ?? FIRST);
    this.#remember(key, {
      own: next(heads, SHOWN_OF_EACH),
      others: others.length < SHOWN_OF_EACH * 2 ? FIRST : (rest.at(-1)?.origin ?? FIRST),
    });
    const own = system[0] === undefined ? null : readLog(system[0]).checkpoint;
    const notes = [...(own === null ? [] : [own]), ...[...heads, ...rest].map(({ note }) => note)];
    return writeCheckpoints(notes.map(uncosigned));
  }

  #remember(recipient: string, shown: { own: string; others: string }): void {
    this.#shown.delete(recipient);
    this.#shown.set(recipient, shown);
    const [oldest] = this.#shown.keys();
    if (this.#shown.size > MAX_REMEMBERED && oldest !== undefined) this.#shown.delete(oldest);
  }

  /** Takes the field of a message from the node at `source`, a URL origin; empty if that is not known. Never rejects. */
  async take(field: string | null, source: string): Promise<void> {
    if (field === null) return;
    for (const note of readCheckpoints(field)) await this.takeNote(note, source);
  }

  /** The same for one note, however it has come. */
  async takeNote(note: string, source: string): Promise<void> {
    try {
      await this.#takeNote(note, source);
    } catch {
      // What cannot be looked at now comes again with the next message.
    }
  }

  async #takeNote(note: string, source: string): Promise<void> {
    const { crypto, node } = this.#deps;
    const hash = toBase64(crypto.sha256(utf8(note)));
    if (this.#seen.has(hash)) return;
    const origin = note.slice(0, Math.max(0, note.indexOf('\n')));
    if (isOwnOrigin(origin, node)) await this.takeOwn(note, source);
    else await this.#takeOther(origin, note, source);
    this.#seen.add(hash);
    const [oldest] = this.#seen;
    if (this.#seen.size > MAX_REMEMBERED && oldest !== undefined) this.#seen.delete(oldest);
  }

  /** Takes a head of a log of this node; true if this node has signed it and does not have it. */
  async takeOwn(note: string, source: string): Promise<boolean> {
    const judged = await judgeOwnHead(this.#deps, note);
    if (judged.kind !== 'behind' && judged.kind !== 'forked') return false;
    await this.#deps.onOwnHead(judged, note, source);
    if (judged.kind === 'forked') await settleOwnHead(this.#deps, judged.checkpoint, note);
    return true;
  }

  async #takeOther(origin: string, note: string, source: string): Promise<void> {
    const { crypto, db } = this.#deps;
    const replica = await findLog(db, origin);
    const authority = /^([^/\s]+)\/log\/(?:system|[\w-]{43})$/.exec(origin)?.[1];
    if (authority === undefined) return;
    const peer = await findPeerByAuthority(db, authority);
    // Heads of whatever else a peer may name are of no use here, and it can name as many as it likes.
    if (replica === null && origin !== `${authority}/log/system`) return;
    const logKey = replica?.logKey ?? peer?.logKey;
    if (logKey === undefined) return;
    const verifier = noteVerifier(origin, NOTE_ED25519, logKey, crypto);
    const opened = await openCheckpoint(note, [verifier], crypto, origin);
    const own = ownSignatureOnly(note, [verifier]);
    const isOfSource = peer !== null && peer.url === source;
    if (!opened.ok && opened.reason === 'no_known_signature' && isOfSource) {
      this.#deps.onUnknownKey(authority);
    }
    if (!opened.ok || own === null || opened.checkpoint.size === 0) return;
    await settleHead(this.#deps, { checkpoint: opened.checkpoint, note: own, source });
  }
}

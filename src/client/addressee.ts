// Finds what an act has to be addressed to: the submolt of a post or comment, the thread of a reply.
import type { Activity, Note } from '../protocol/activity.ts';
import { nameFromId, type ObjectName, parseObjectName } from '../protocol/object-name.ts';
import type { Connection } from './connection.ts';
import type { Item } from './drafts.ts';
import { ClientError } from './error.ts';
import { fetchAct } from './fetch-object.ts';
import { type NodeReader, nameOfRef } from './reader.ts';

/** A post or comment; `note` is the comment's own content. */
export interface Found extends Item {
  readonly note: Note | null;
}

const MAX_KEPT = 1000;

/** What has a hash does not change, so acts are kept once fetched. */
export class Addressees {
  readonly #connection: Connection;
  readonly #reader: NodeReader;
  readonly #acts = new Map<ObjectName, Activity>();

  constructor(connection: Connection, reader: NodeReader) {
    this.#connection = connection;
    this.#reader = reader;
  }

  /** The act under a name or id, checked by its hash. */
  async act(ref: string): Promise<Activity> {
    const name = nameOfRef(ref);
    const kept = this.#acts.get(name);
    if (kept !== undefined) return kept;
    const { send, crypto } = this.#connection;
    const { activity } = await fetchAct(name, send, crypto);
    if (this.#acts.size >= MAX_KEPT) this.#acts.clear();
    this.#acts.set(name, activity);
    return activity;
  }

  async item(ref: string): Promise<Found> {
    const act = await this.act(ref);
    if (act.type !== 'Create' || act.object.type === 'Group' || !('audience' in act)) {
      throw new ClientError('invalid_argument', `${ref} is neither a post nor a comment`);
    }
    const note = act.object.type === 'Note' ? act.object : null;
    return { object: nameOfRef(ref), audience: act.audience, note };
  }

  /** The name of a submolt given by slug, `slug@host`, id or name. */
  async submolt(ref: string): Promise<ObjectName> {
    return parseObjectName(ref) ?? nameFromId(ref) ?? (await this.#reader.submolt(ref)).object;
  }
}

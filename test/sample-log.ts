// A small log with real keys, made in memory, and the ways in which tests damage the archive of it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeCrypto } from '../src/crypto/node.ts';
import { type ArchivedEntry, type ArchiveSource, writeArchive } from '../src/log/archive.ts';
import { ARCHIVE_FOLDERS, maxMemberSize } from '../src/log/archive-format.ts';
import { encodeManifest } from '../src/log/archive-manifest.ts';
import { signCheckpoint } from '../src/log/checkpoint.ts';
import { commitment, type EntryKind, encodeEntry, makeEntry } from '../src/log/entry.ts';
import { encodeKeyChain } from '../src/log/key-chain.ts';
import { Frontier, leafHash } from '../src/log/merkle.ts';
import { formatNote, makeSignature, parseNote } from '../src/log/note.ts';
import { NOTE_ED25519, type NoteSigner, noteSigner } from '../src/log/note-key.ts';
import { readTar, writeTar } from '../src/log/tar.ts';
import { concatBytes, decodeUtf8, toHex, utf8 } from '../src/protocol/bytes.ts';
import { SIGNED_CONTEXT } from '../src/protocol/contexts.ts';
import { formatDateTime } from '../src/protocol/date-time.ts';
import { type Did, didKeyOf, subjectOf } from '../src/protocol/did.ts';
import { buildDidWebDocument } from '../src/protocol/did-document.ts';
import type { CanonicalBytes } from '../src/protocol/jcs.ts';
import type { JsonObject } from '../src/protocol/json.ts';
import { LOG_KEYS } from '../src/protocol/labels.ts';
import { signObject } from '../src/protocol/object.ts';
import { idOf, nameOf, type ObjectName } from '../src/protocol/object-name.ts';
import { remainsOf } from '../src/protocol/remains.ts';

export const crypto = createNodeCrypto();

/** Seconds of the first entry. */
export const START = 1_790_000_000;

export interface Agent {
  readonly did: Did;
  readonly seed: Uint8Array;
  /** Of a DID that is no did:key. */
  readonly document?: unknown;
}

export function agent(label: string): Agent {
  const seed = crypto.sha256(utf8(`agent ${label}`));
  return { seed, did: didKeyOf(crypto.publicKeyOf(seed)) };
}

export function webAgent(host: string): Agent {
  const did = `did:web:${host}` as Did;
  const seed = crypto.sha256(utf8(`agent ${host}`));
  const publicKey = crypto.publicKeyOf(seed);
  const keys = [{ publicKey, purposes: ['authentication', 'assertionMethod'] as const }];
  return { did, seed, document: buildDidWebDocument({ did, keys }, crypto) };
}

const contexts = [
  'www.w3.org_ns_activitystreams.jsonld',
  'w3id.org_security_data_integrity_v1.jsonld',
  'exuvia-v1.jsonld',
].map((file, i) => ({
  iri: SIGNED_CONTEXT[i] as string,
  bytes: new Uint8Array(readFileSync(join(import.meta.dirname, '..', 'contexts', file))),
}));

/** What is recorded of a body that was not erased: nothing. */
const STANDING = { name: null, erasedBy: null, withdrawal: null, author: null, parent: null };

export interface Added {
  readonly index: number;
  readonly name: ObjectName;
}

export class SampleLog {
  readonly node: Agent;
  readonly authority: string;
  logSeed = crypto.sha256(utf8('log key'));
  /** Of all keys so far, the oldest first. */
  readonly statements: CanonicalBytes[] = [];
  entries: ArchivedEntry[] = [];
  submolt: ObjectName | null = null;
  readonly #documents = new Map<Did, unknown>();

  constructor(node = agent('node'), authority = 'node.example') {
    this.node = node;
    this.authority = authority;
    this.statements.push(this.sign(node, this.#keyDraft()).bytes);
  }

  #keyDraft() {
    const object = didKeyOf(crypto.publicKeyOf(this.logSeed));
    return { type: 'Add', object, target: LOG_KEYS };
  }

  get keyStatement(): Uint8Array {
    return encodeKeyChain(this.statements);
  }

  /** From now on another key signs; a system log says so itself. */
  rotate(label: string): void {
    this.logSeed = crypto.sha256(utf8(`log key ${label}`));
    const place = {
      seq: this.statements.length,
      previous: nameOf(this.statements.at(-1)!, crypto),
    };
    const { bytes } = this.sign(this.node, { ...this.#keyDraft(), ...place });
    this.statements.push(bytes);
    if (this.submolt === null) this.push(bytes, 'Add');
  }

  /** A submolt's log with its founding. */
  static founded(owner: Agent, node?: Agent): SampleLog {
    const log = new SampleLog(node);
    const object = { type: 'Group', preferredUsername: 'molting', name: 'Molting' };
    log.submolt = log.add(owner, { type: 'Create', target: log.node.did, object }).name;
    return log;
  }

  /** A system log with its key statement. */
  static ofSystem(node?: Agent): SampleLog {
    const log = new SampleLog(node);
    log.push(log.statements[0]!, 'Add');
    return log;
  }

  get origin(): string {
    return `${this.authority}/log/${this.submolt === null ? 'system' : idOf(this.submolt)}`;
  }

  get signer(): NoteSigner {
    return noteSigner(this.origin, NOTE_ED25519, this.logSeed, crypto);
  }

  sign(author: Agent, draft: JsonObject) {
    const { '@context': _context, proof: _proof, ...rest } = draft;
    if (author.document !== undefined) this.#documents.set(author.did, author.document);
    const created = formatDateTime(START + this.entries.length);
    return signObject(rest, { did: author.did, seed: author.seed, created }, crypto);
  }

  /** Signs a draft, addressed to the submolt unless the draft says otherwise, and logs it. */
  add(author: Agent, draft: JsonObject): Added {
    const audience = this.submolt === null ? {} : { audience: this.submolt };
    const { bytes, name } = this.sign(author, { ...audience, ...draft });
    return { index: this.push(bytes, draft.type as EntryKind), name };
  }

  post(author: Agent, title: string): Added {
    const object = { type: 'Article', name: title, content: 'words', mediaType: 'text/plain' };
    return this.add(author, { type: 'Create', object });
  }

  /** Logs these bytes as they are; answers with the index. */
  push(bytes: CanonicalBytes, kind: EntryKind): number {
    const index = this.entries.length;
    const salt = crypto.sha256(utf8(`salt ${index}`)).slice(0, 16);
    const entry = makeEntry(commitment(salt, bytes, crypto), kind, (START + index) * 1000);
    this.entries.push({ index, line: encodeEntry(entry), salt, bytes, ...STANDING });
    return index;
  }

  /** Forgets a body, as the Delete at entry `by` demands. */
  erase({ index, name }: Added, by: number): void {
    const { bytes } = this.entries[index] as ArchivedEntry;
    const act = bytes === null ? null : JSON.parse(decodeUtf8(bytes));
    const remains = act === null ? null : remainsOf(act);
    const isItem = act?.type === 'Create' && remains === null;
    const left = isItem ? { author: subjectOf(act.actor) } : {};
    const parent = act?.object.inReplyTo ?? null;
    const gone = { salt: null, bytes: null, name, erasedBy: by };
    this.change(index, { ...gone, parent, remains, ...left });
  }

  change(index: number, fields: Partial<ArchivedEntry>): void {
    this.entries[index] = { ...(this.entries[index] as ArchivedEntry), ...fields };
  }

  /** The signed checkpoint of the first `size` entries. */
  checkpoint(size = this.entries.length, signer = this.signer): string {
    const frontier = new Frontier(crypto);
    for (const { line } of this.entries.slice(0, size)) frontier.append(leafHash(line, crypto));
    return signCheckpoint({ origin: this.origin, size, root: frontier.root() }, signer, crypto);
  }

  source(change: Partial<ArchiveSource> = {}): ArchiveSource {
    return {
      origin: this.origin,
      checkpoint: this.checkpoint(),
      size: this.entries.length,
      submolt: this.submolt,
      entries: async (start, end) => this.entries.slice(start, Math.min(end, start + 100)),
      didDocuments: [...this.#documents].map(([did, document]) => ({ did, document })),
      contexts,
      keyStatement: this.keyStatement,
      createdAt: formatDateTime(START + 86_400),
      ...change,
    };
  }

  async archive(change: Partial<ArchiveSource> = {}): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of writeArchive(this.source(change), crypto)) chunks.push(chunk);
    return concatBytes(...chunks);
  }
}

/** The note with a witness's cosignature of a time (seconds) on it. */
export function cosign(source: string, witness: NoteSigner, time: number): string {
  const parsed = parseNote(source);
  if (!parsed.ok) throw new Error(parsed.detail);
  const { signatures, text } = parsed.note;
  const cosignature = makeSignature(text, witness, crypto, time);
  return formatNote({ text, signatures: [...signatures, cosignature] });
}

export async function* stream<T>(...items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** The members of an archive by name, in order. */
export async function unpack(archive: Uint8Array): Promise<Map<string, Uint8Array>> {
  const members = new Map<string, Uint8Array>();
  const limits = { maxSize: maxMemberSize, maxMembers: 1000, folders: ARCHIVE_FOLDERS };
  for await (const { name, bytes } of readTar(stream(archive), limits)) members.set(name, bytes);
  return members;
}

export async function pack(members: Iterable<readonly [string, Uint8Array]>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const items = [...members].map(([name, bytes]) => ({ name, bytes }));
  for await (const chunk of writeTar(stream(...items), START)) chunks.push(chunk);
  return concatBytes(...chunks);
}

/** Packs members with a manifest that agrees with them, as whoever tampers with an archive would. */
export function packAgain(members: ReadonlyMap<string, Uint8Array>): Promise<Uint8Array> {
  const files: Record<string, string> = {};
  for (const [name, bytes] of members) {
    if (name !== 'manifest.json') files[name] = toHex(crypto.sha256(bytes));
  }
  const manifest = JSON.parse(decodeUtf8(members.get('manifest.json') as Uint8Array));
  const { format: _format, ...fields } = manifest;
  return pack(new Map(members).set('manifest.json', encodeManifest({ ...fields, files })));
}

/** Changes one member's text, and nothing else. */
export async function edit(
  archive: Uint8Array,
  name: string,
  change: (text: string) => string,
): Promise<Uint8Array> {
  const members = await unpack(archive);
  const text = decodeUtf8(members.get(name) as Uint8Array);
  const changed = change(text);
  if (changed === text) throw new Error(`the edit of ${name} changed nothing`);
  return pack(members.set(name, utf8(changed)));
}

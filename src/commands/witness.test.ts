// The witness: one history of each log, each answer that the specification gives, and no way back, whoever is faster.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crypto, identityOf, Sandbox } from '../../test/sandbox.ts';
import { befriend, PlainLog, witnessOf } from '../../test/witness-scene.ts';
import { formatAddCheckpoint } from '../log/add-checkpoint.ts';
import { openCheckpoint } from '../log/checkpoint.ts';
import { parseNote, parseSignatureLine } from '../log/note.ts';
import { COSIGNATURE_V1, NOTE_ED25519, noteVerifier } from '../log/note-key.ts';
import { fromBase64, toBase64, utf8 } from '../protocol/bytes.ts';
import type { Database } from '../store/database.ts';
import { dropPeer, restorePeer } from '../store/write-peers.ts';
import type { Witness, WitnessAnswer } from './witness.ts';

let node: Sandbox;
let witness: Witness;
let log: PlainLog;

beforeEach(async () => {
  node = await Sandbox.open('w');
  witness = witnessOf(node);
  log = new PlainLog('peer.test/log/system', await befriend(node, 'peer'));
});
afterEach(() => node.close());

const send = (body: string, to = witness) => to.addCheckpoint(utf8(body));
const refused = (code: string) => ({ kind: 'refused', code });
const witnessKey = () => {
  const { witnessSeed } = node.context.node;
  return noteVerifier('w.test/witness', COSIGNATURE_V1, crypto.publicKeyOf(witnessSeed), crypto);
};

/** Opens the note with the line added, under both keys; gives the time of the cosignature. */
async function opened(note: string, line: string) {
  const { logSeed } = identityOf('peer');
  const logKey = noteVerifier(log.origin, NOTE_ED25519, crypto.publicKeyOf(logSeed), crypto);
  const verdict = await openCheckpoint(note + line, [logKey, witnessKey()], crypto, log.origin);
  if (!verdict.ok) throw new Error(verdict.detail);
  return { size: verdict.checkpoint.size, times: verdict.signatures.map((s) => s.timestamp) };
}

function lineOf(answer: WitnessAnswer): string {
  if (answer.kind !== 'cosigned') throw new Error(JSON.stringify(answer));
  return answer.line;
}

describe('a witness', () => {
  test('cosigns what grows, with its own key and the time', async () => {
    const now = Math.floor(node.clock.now / 1000);
    const first = await send(await log.ask(0, 3));
    expect(await opened(log.note(3), lineOf(first))).toEqual({ size: 3, times: [null, now] });
    const second = await send(await log.ask(3, 9));
    expect(await opened(log.note(9), lineOf(second))).toEqual({ size: 9, times: [null, now] });
  });

  test('shows what it has cosigned, with both signatures, to who knows the origin', async () => {
    const hash = crypto.sha256(utf8(log.origin));
    expect(await witness.checkpointOf(hash)).toBeNull();
    const line = lineOf(await send(await log.ask(0, 5)));
    expect(await witness.checkpointOf(hash)).toBe(log.note(5) + line);
  });

  test('keeps of a note with many signatures the two it stands for', async () => {
    const other = new PlainLog(log.origin, identityOf('other').logSeed).note(4);
    const strange = other.slice(other.lastIndexOf('— '));
    const body = formatAddCheckpoint({ oldSize: 0, proof: [], note: log.note(4) + strange });
    const line = lineOf(await send(body));
    const kept = await witness.checkpointOf(crypto.sha256(utf8(log.origin)));
    expect(kept).toBe(log.note(4) + line);
  });

  test('cosigns the same size again, with a later time', async () => {
    const line = lineOf(await send(await log.ask(0, 3)));
    expect(lineOf(await send(await log.ask(3, 3)))).toBe(line);
    node.clock.now += 600_000;
    const later = lineOf(await send(await log.ask(3, 3)));
    const { times } = await opened(log.note(3), later);
    expect(times[1]).toBe(Math.floor(node.clock.now / 1000));
  });

  test('never says that it has seen more at an earlier time, whatever its clock does', async () => {
    const times: (number | null | undefined)[] = [];
    const stamp = async (oldSize: number, size: number) => {
      const line = lineOf(await send(await log.ask(oldSize, size)));
      times.push((await opened(log.note(size), line)).times[1]);
    };
    const start = Math.floor(node.clock.now / 1000);
    await stamp(0, 3);
    node.clock.now -= 60_000;
    await stamp(3, 5);
    node.clock.now += 120_000;
    await stamp(5, 7);
    expect(times).toEqual([start, start, start + 60]);
    // A clock that was hours ahead has said what was not so; waiting until then helps nobody.
    node.clock.now -= 7_200_000;
    await stamp(7, 8);
    expect(times.at(-1)).toBe(start + 60 - 7_200);
  });

  test('signs in its turn: who waits longer is not given an earlier time', async () => {
    await send(await log.ask(0, 3));
    node.clock.now += 10_000;
    const gate = Promise.withResolvers<void>();
    const busy = node.sequencer.run(() => gate.promise);
    const waiting = [3, 9].map(async (size) => lineOf(await send(await log.ask(3, size))));
    await new Promise((resolve) => setTimeout(resolve, 50));
    node.clock.now += 2_000;
    gate.resolve();
    await busy;
    const [same, grown] = (await Promise.all(waiting)) as [string, string];
    const now = Math.floor(node.clock.now / 1000);
    expect((await opened(log.note(3), same)).times[1]).toBe(now);
    expect((await opened(log.note(9), grown)).times[1]).toBe(now);
  });

  test('cosigns the lines that were sent, not those of the same size before', async () => {
    await send(await log.ask(0, 3));
    const extended = log.extended(3, 'an extension');
    const body = formatAddCheckpoint({ oldSize: 3, proof: [], note: extended });
    expect(await opened(extended, lineOf(await send(body)))).toMatchObject({ size: 3 });
  });

  test('says what it knows to who does not know', async () => {
    expect(await send(await log.ask(2, 5))).toEqual({ kind: 'conflict', size: 0 });
    await send(await log.ask(0, 5));
    expect(await send(await log.ask(0, 5))).toEqual({ kind: 'conflict', size: 5 });
    expect(await send(await log.ask(4, 9))).toEqual({ kind: 'conflict', size: 5 });
    // Behind what it has cosigned there is no way.
    expect(await send(await log.ask(0, 4))).toEqual({ kind: 'conflict', size: 5 });
    expect(parseSignatureLine(lineOf(await send(await log.ask(5, 9))).trimEnd())).toMatchObject({
      name: 'w.test/witness',
    });
  });

  test('takes an empty log for what it is', async () => {
    const wrong = formatAddCheckpoint({ oldSize: 0, proof: [], note: log.note(0, log.root(1)) });
    expect(await send(wrong)).toMatchObject(refused('not_consistent'));
    expect(await send(await log.ask(0, 0))).toMatchObject({ kind: 'cosigned' });
    expect(await send(await log.ask(0, 0))).toMatchObject({ kind: 'cosigned' });
    expect(await send(await log.ask(0, 2))).toMatchObject({ kind: 'cosigned' });
  });

  test('refuses another history of a log', async () => {
    await send(await log.ask(0, 5));
    const other = new PlainLog(log.origin, identityOf('peer').logSeed, 'other');
    for (const size of [5, 8]) {
      expect(await send(await other.ask(5, size))).toMatchObject(refused('not_consistent'));
    }
    const unproven = formatAddCheckpoint({ oldSize: 5, proof: [], note: log.note(8) });
    expect(await send(unproven)).toMatchObject(refused('not_consistent'));
    const padded = formatAddCheckpoint({ oldSize: 5, proof: [log.root(1)], note: log.note(5) });
    expect(await send(padded)).toMatchObject(refused('not_consistent'));
  });

  test('refuses a proof from nothing', async () => {
    const body = formatAddCheckpoint({ oldSize: 0, proof: [log.root(1)], note: log.note(2) });
    expect(await send(body)).toMatchObject(refused('not_consistent'));
  });

  test('refuses an old size above the new one, before anything else is compared', async () => {
    const body = formatAddCheckpoint({ oldSize: 6, proof: [], note: log.note(5) });
    expect(await send(body)).toMatchObject(refused('old_size_beyond'));
  });

  test.each([
    ['a log of a stranger', 'stranger.test/log/system'],
    ['a log of its own', 'w.test/log/system'],
    ['what is no log of ours', 'peer.test/logs/system'],
    ['another port of a peer', 'peer.test:444/log/system'],
  ])('knows nothing of %s', async (_, origin) => {
    const other = new PlainLog(origin, identityOf('peer').logSeed);
    expect(await send(await other.ask(0, 1))).toMatchObject(refused('origin_unknown'));
    // A broken signature of a log that nobody knows says no more.
    const broken = (await other.ask(0, 1)).replace(/.\n$/, '=\n');
    expect(await send(broken)).toMatchObject({ kind: 'refused' });
  });

  test('refuses what the key of the log has not signed', async () => {
    const forged = new PlainLog(log.origin, identityOf('other').logSeed);
    expect(await send(await forged.ask(0, 1))).toMatchObject(refused('log_signature_refused'));
    const flipped = (await log.ask(0, 1)).replace('\n1\n', '\n2\n');
    expect(await send(flipped)).toMatchObject(refused('log_signature_refused'));
  });

  test('cosigns nothing for a node that the operator has dropped', async () => {
    expect(await send(await log.ask(0, 3))).toMatchObject({ kind: 'cosigned' });
    await node.db.batch('write', dropPeer(identityOf('peer').did, 'dropped: by hand', 0));
    expect(await send(await log.ask(3, 5))).toMatchObject(refused('origin_unknown'));
    await node.db.batch('write', restorePeer(identityOf('peer').did));
    expect(await send(await log.ask(3, 5))).toMatchObject({ kind: 'cosigned' });
  });

  test('ignores lines of keys it does not know, counts a line once, and refuses a bad one of a key it knows', async () => {
    const note = log.note(3);
    const line = note.slice(note.lastIndexOf('— '));
    const [, name = '', encoded = ''] = line.trimEnd().split(' ');
    const bytes = fromBase64(encoded)!;
    const others = Uint8Array.from(bytes);
    others[0]! ^= 1;
    const bad = Uint8Array.from(bytes);
    bad[bad.length - 1]! ^= 1;
    const body = (...lines: string[]) =>
      formatAddCheckpoint({ oldSize: 0, proof: [], note: note + lines.join('') });
    const lineOfBytes = (signature: Uint8Array) => `— ${name} ${toBase64(signature)}\n`;
    expect(await send(body(lineOfBytes(bad)))).toMatchObject(refused('log_signature_refused'));
    const unknown = lineOfBytes(others).repeat(62);
    const cosigned = lineOf(await send(body(line, unknown)));
    const kept = await witness.checkpointOf(crypto.sha256(utf8(log.origin)));
    expect(kept).toBe(note + cosigned);
    const many = body(unknown, unknown);
    expect(await send(many)).toMatchObject(refused('cosignature_malformed'));
  });

  test.each<[string, (body: string) => string]>([
    ['carriage returns', (body) => body.replaceAll('\n', '\r\n')],
    ['one in the note', (body) => body.replace(/\n3\n/, '\n3\r\n')],
    ['a size with a zero before it', (body) => body.replace('old 0', 'old 00')],
    ['a size with a sign', (body) => body.replace('old 0', 'old +0')],
    ['a size beyond all numbers', (body) => body.replace('old 0', 'old 9007199254740993')],
    [
      'a proof line too many',
      (body) => body.replace('\n\n', `\n${`${'A'.repeat(43)}=\n`.repeat(64)}\n`),
    ],
    ['a proof line that is no hash', (body) => body.replace('\n\n', '\nAAAA\n\n')],
    ['another spelling of a hash', (body) => body.replace('\n\n', `\n${'A'.repeat(42)}B=\n\n`)],
    ['an empty line more', (body) => body.replace('\n\n', '\n\n\n')],
    ['no newline at the end', (body) => body.slice(0, -1)],
    ['a control character', (body) => body.replace('old 0', 'old 0\u0000')],
    ['something behind the signatures', (body) => `${body}\n`],
  ])('cannot read a request with %s', async (_, change) => {
    const answer = await send(change(await log.ask(0, 3)));
    expect(answer).toMatchObject(refused('cosignature_malformed'));
    expect(await send(await log.ask(0, 3))).toMatchObject({ kind: 'cosigned' });
  });

  test.each([
    ['no note', 'old 0\n\npeer.test/log/system\n1\n'],
    ['no checkpoint', (note: string) => `old 0\n\n${note.replace('\n1\n', '\none\n')}`],
    ['no request', (note: string) => note],
  ])('cannot read %s', async (_, body) => {
    const text = typeof body === 'string' ? body : body(log.note(1));
    expect(await send(text)).toMatchObject(refused('cosignature_malformed'));
  });

  test('cannot read what is not UTF-8', async () => {
    const body = Uint8Array.of(0x6f, 0xff, 0x0a);
    expect(await witness.addCheckpoint(body)).toMatchObject(refused('cosignature_malformed'));
  });
});

describe('two requests at the same moment', () => {
  /** Every read waits until `count` requests have read, so that all have made their checks before the first writes. */
  function together(db: Database, count: number): Database {
    const { promise, resolve } = Promise.withResolvers<void>();
    let reads = 0;
    return {
      durable: db.durable,
      close: () => db.close(),
      async batch(mode, statements) {
        const rows = await db.batch(mode, statements);
        const known = statements[0]?.sql.startsWith('SELECT size, root, note') ?? false;
        if (mode === 'read' && known && reads < count) {
          reads += 1;
          if (reads === count) resolve();
          await promise;
        }
        return rows;
      },
    };
  }

  async function race(bodies: readonly string[]): Promise<WitnessAnswer[]> {
    const context = { ...node.context, db: together(node.db, bodies.length) };
    const racing = witnessOf({ ...node, context, sequencer: node.sequencer } as Sandbox);
    return Promise.all(bodies.map((body) => send(body, racing)));
  }

  test.each([0, 3])('from size %i: one is cosigned, the other is told', async (oldSize) => {
    if (oldSize > 0) await send(await log.ask(0, oldSize));
    const bodies = [await log.ask(oldSize, 7), await log.ask(oldSize, 5)];
    const answers = await race(bodies);
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['conflict', 'cosigned']);
    const won = answers[0]?.kind === 'cosigned' ? 7 : 5;
    expect(answers.find(({ kind }) => kind === 'conflict')).toEqual({
      kind: 'conflict',
      size: won,
    });
    const kept = await witness.checkpointOf(crypto.sha256(utf8(log.origin)));
    const parsed = parseNote(kept ?? '');
    expect(parsed.ok && parsed.note.text.split('\n')[1]).toBe(String(won));
  });

  test('two histories: never both', async () => {
    const other = new PlainLog(log.origin, identityOf('peer').logSeed, 'other');
    const answers = await race([await log.ask(0, 4), await other.ask(0, 4)]);
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['conflict', 'cosigned']);
  });
});

describe('limits', () => {
  test('a log that grows all the time has to wait, and no other log with it', async () => {
    for (let size = 1; size <= 10; size++) {
      expect(await send(await log.ask(size - 1, size))).toMatchObject({ kind: 'cosigned' });
    }
    expect(await send(await log.ask(10, 11))).toMatchObject({
      ...refused('cosigned_too_often'),
      retryAfter: 1,
    });
    // Nothing was taken for what was not written.
    expect(await send(await log.ask(0, 1))).toEqual({ kind: 'conflict', size: 10 });
    const other = new PlainLog(`peer.test/log/${'a'.repeat(43)}`, identityOf('peer').logSeed);
    expect(await send(await other.ask(0, 1))).toMatchObject({ kind: 'cosigned' });
    node.clock.now += 1_000;
    expect(await send(await log.ask(10, 11))).toMatchObject({ kind: 'cosigned' });
  });

  test('who names many logs has to wait, and no other node with it', async () => {
    const nth = (i: number) => `peer.test/log/${String(i).padStart(43, 'x')}`;
    const { logSeed } = identityOf('peer');
    for (let i = 0; i < 100; i++) await send(await new PlainLog(nth(i), logSeed).ask(0, 1));
    const late = await new PlainLog(nth(100), logSeed).ask(0, 1);
    expect(await send(late)).toMatchObject(refused('cosigned_too_often'));
    const friend = new PlainLog('friend.test/log/system', await befriend(node, 'friend'));
    expect(await send(await friend.ask(0, 1))).toMatchObject({ kind: 'cosigned' });
  });

  test('strangers who send what everybody can read keep no log from growing', async () => {
    const { logSeed } = identityOf('peer');
    const logs = Array.from({ length: 101 }, (_, i) => {
      return new PlainLog(`peer.test/log/${String(i).padStart(43, 'x')}`, logSeed);
    });
    for (const each of logs) {
      node.clock.now += 100;
      expect(await send(await each.ask(0, 1))).toMatchObject({ kind: 'cosigned' });
    }
    node.clock.now += 60_000;
    const kinds = [];
    for (const each of logs) kinds.push((await send(await each.ask(1, 1))).kind);
    expect(kinds.filter((kind) => kind === 'refused')).toHaveLength(1);
    expect(await send(await (logs[0] as PlainLog).ask(1, 2))).toMatchObject({ kind: 'cosigned' });
  });

  test('one node has so many logs cosigned and no more', async () => {
    const columns = `zeroblob(32), 'x', (SELECT id FROM peers), 0, zeroblob(32), '', 0`;
    const fill = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
INSERT INTO witnessed SELECT unhex(printf('%064x', i)), ${columns.slice('zeroblob(32), '.length)} FROM n`;
    await node.db.batch('write', [{ sql: fill, args: [] }]);
    expect(await send(await log.ask(0, 1))).toMatchObject(refused('cosigned_too_often'));
  });
});

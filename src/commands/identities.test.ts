// Agents that rotate and move, over a home and its replica: the same rows on both, whatever came in which order.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { group, post } from '../../test/drafts.ts';
import { checkInvariants } from '../../test/invariants.ts';
import { catchUp, fetchBatch, follow } from '../../test/replica.ts';
import { ShiftingAgent } from '../../test/rotating-agent.ts';
import { Agent, type Author, crypto, Sandbox } from '../../test/sandbox.ts';
import { live } from '../../test/world.ts';
import { readContextFiles } from '../context-files.ts';
import { writeArchive } from '../log/archive.ts';
import { verifyArchive } from '../log/archive-verify.ts';
import { didKeyResolver } from '../protocol/object.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { Database } from '../store/database.ts';
import { derivedDigest } from '../store/derived-digest.ts';
import { archiveSource, readKeyStatement } from '../store/queries/archive.ts';
import { findIdentity } from '../store/queries/identities.ts';
import { findLog, listLogs } from '../store/queries/logs.ts';
import { applyEntries } from './apply-entries.ts';

function twoNodes(): Promise<[Sandbox, Sandbox]> {
  const clock = { now: Date.UTC(2026, 10, 20, 10) };
  return Promise.all([Sandbox.open('a', { clock }), Sandbox.open('b', { clock })]);
}

async function scalars(db: Database, sql: string): Promise<unknown[]> {
  const [rows = []] = await db.batch('read', [{ sql, args: [] }]);
  return rows.map((row) => row[0]);
}

/** The exit code of a verifier of the log's archive, and the first thing it found. */
async function verdict({ context, db }: Sandbox, origin: string): Promise<unknown> {
  const surroundings = {
    contexts: await readContextFiles(),
    createdAt: '2026-11-21T00:00:00Z',
    didDocuments: [],
    keyStatement: (await readKeyStatement(db, (await findLog(db, origin))!.home))!,
  };
  const source = await archiveSource(db, origin, surroundings, crypto);
  const report = await verifyArchive(writeArchive(source!, crypto), { crypto, now: context.now() });
  return [report.code, ...report.findings.filter(({ code }) => code === report.code && code > 0)];
}

/** What anybody calls by a DID that may change, outside of the rows that say what the DID is. */
const NAMED = `SELECT did FROM agents WHERE did LIKE 'did:webvh:%'
UNION ALL SELECT subject FROM labels WHERE subject LIKE 'did:webvh:%'
UNION ALL SELECT subject FROM reports WHERE subject LIKE 'did:webvh:%'`;

test('random acts, rotations and moves leave the same rows at home, on a replica, and after a rebuild, and archives that verify', {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1_000_000), async (seed) => {
      const [home, replica] = await twoNodes();
      const shifting = [0, 1, 2].map((n) => new ShiftingAgent(`shifting ${n}`));
      const [first, ...others] = shifting;
      const people: Author[] = [new Agent('ada'), first!, new Agent('bob'), ...others];
      const followed = new Map<ObjectName, string>();
      const pull = async (step: number) => {
        for (const [submolt, origin] of followed) {
          const outcome = await catchUp(replica, home, origin, step);
          expect(outcome).toMatchObject({ ok: true });
          expect(await derivedDigest(replica.db, submolt)).toBe(
            await derivedDigest(home.db, submolt),
          );
        }
      };
      const { submolts } = await live(home, seed, 120, people, async (random) => {
        const all = (await listLogs(home.db)).flatMap(({ submolt }) => submolt ?? []);
        const next = all.find((submolt) => !followed.has(submolt));
        if (next !== undefined && random(4) === 0) {
          followed.set(next, await follow(replica, home, next));
        }
        if (random(3) === 0) await pull(1 + random(9));
      });
      for (const submolt of submolts) {
        if (!followed.has(submolt)) followed.set(submolt, await follow(replica, home, submolt));
      }
      await pull(50);
      for (const origin of followed.values()) {
        expect(await verdict(home, origin)).toEqual([0]);
        expect(await verdict(replica, origin)).toEqual([0]);
      }
      for (const { db } of [home, replica]) {
        await checkInvariants(db, crypto);
        expect(await scalars(db, NAMED)).toEqual([]);
      }
      const places =
        'SELECT DISTINCT a.did FROM identity_places AS p JOIN agents AS a ON a.id = p.agent';
      for (const agent of await scalars(replica.db, places)) {
        const { subject } = shifting.find((one) => one.subject === agent)!;
        const known = await findIdentity(replica.db, subject, replica.context.node.did);
        expect(known?.agent).toBe(subject);
      }
      await home.close();
      await replica.close();
    }),
    { numRuns: 6 },
  );
});

test('a replica takes a submolt whose founder has a DID log, entry by entry', async () => {
  const [home, replica] = await twoNodes();
  const ada = new ShiftingAgent('ada');
  await home.accept(ada, ada.statement);
  const sand = await home.accept(ada, group('sand'));
  await home.accept(ada.rotate(), ada.statement);
  await home.accept(ada, post(sand, 'One'));
  const origin = await follow(replica, home, sand);
  expect(await catchUp(replica, home, origin, 1)).toMatchObject({ ok: true, size: 4 });
  expect(await derivedDigest(replica.db, sand)).toBe(await derivedDigest(home.db, sand));
  await checkInvariants(replica.db, crypto);
  await home.close();
  await replica.close();
});

test('a replica takes nothing but statements before the founding', async () => {
  const [home, replica] = await twoNodes();
  const bob = new Agent('bob');
  const ada = new ShiftingAgent('ada');
  await home.accept(ada, ada.statement);
  const sand = await home.accept(ada, group('sand'));
  const general = await home.accept(bob, group('general'));
  await home.accept(bob, post(sand, 'One'));
  const origin = await follow(replica, home, sand);
  const { entries, ...batch } = await fetchBatch(home, origin, 0, 3);
  const [statement, founding, words] = entries;
  const [other] = (await fetchBatch(home, await follow(replica, home, general), 0, 1)).entries;
  const erased = { erased: true, name: sand, by: 2, author: ada.subject, parent: null } as const;
  for (const wrong of [
    [statement, words, founding],
    [words, statement, founding],
    [statement, other, founding],
    [statement, { ...founding, body: erased }, words],
    [{ ...statement, body: founding!.body }, founding, words],
  ]) {
    const offered = { ...batch, entries: wrong as typeof entries };
    const outcome = await applyEntries(
      replica.context,
      replica.sequencer,
      offered,
      () => didKeyResolver,
    );
    expect(outcome).toMatchObject({ ok: false });
    const reason = wrong[1]?.body.erased ? 'erasure_unfounded' : 'wrong_log';
    if (wrong[0] === statement) expect(outcome).toMatchObject({ reason, index: 1 });
  }
  await home.close();
  await replica.close();
});

// The page of other nodes' logs: what was proven of whom, what the operator has decided, and the proof to take along.
import { expect, test } from 'vitest';
import { utf8 } from '../protocol/bytes.ts';
import type { Did } from '../protocol/did.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { StoredEvidence } from '../store/evidence.ts';
import { federationPage } from './federation-page.ts';

const EVIDENCE: StoredEvidence = {
  id: 1,
  origin: 'node.example/log/system',
  peer: 'did:web:node.example' as Did,
  peerUrl: 'https://node.example',
  file: utf8('{"log":"<script>"}'),
  statement: `ni:///sha-256;${'A'.repeat(43)}` as ObjectName,
  foundAt: Date.UTC(2026, 10, 20),
  decision: null,
  decidedAt: null,
  further: 0,
  newest: null,
  newestAt: null,
};

function shown(...evidence: Partial<StoredEvidence>[]): string {
  const all = evidence.map((change) => ({ ...EVIDENCE, ...change }));
  return String(
    federationPage({ evidence: all, sources: [], asked: [], cosigned: null, standings: [] }).body,
  );
}

test('evidence is there for everybody, with the file and the node’s own statement of it', () => {
  const page = shown({});
  expect(page).toContain('node.example/log/system');
  expect(page).toContain('did:web:node.example');
  expect(page).toContain(`/.well-known/ni/sha-256/${'A'.repeat(43)}`);
  expect(page).toContain('{&quot;log&quot;:&quot;&lt;script&gt;&quot;}');
  expect(page).not.toContain('<script>');
  expect(shown({ statement: null })).not.toContain('/.well-known/ni/');
});

test('every decision is told, and what stands against the node itself as such', () => {
  const own = { peer: null, peerUrl: null };
  const cases: [Partial<StoredEvidence>, string][] = [
    [{}, 'nothing more is taken of it until the operator has decided'],
    [{ decision: 'keep' }, 'the operator goes on with the history that is here'],
    [{ decision: 'drop' }, 'the operator has ended the exchange with its home'],
    [own, 'the operator has not said how it came about'],
    [{ ...own, decision: 'drop' }, 'the operator has seen it'],
  ];
  for (const [change, words] of cases) expect(shown(change)).toContain(words);
  expect(shown(own)).toContain('Home <span class="did">this node');
  expect(shown()).toContain('No log has shown this node two histories.');
});

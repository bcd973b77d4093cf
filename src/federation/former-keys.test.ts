// Documents that a node had before, as another shows them beside its copy of the node's system log.
import { expect, test } from 'vitest';
import { crypto, Sandbox, seedOf } from '../../test/sandbox.ts';
import { keepFormer } from '../commands/keep-documents.ts';
import { utf8 } from '../protocol/bytes.ts';
import { type Did, parseDid } from '../protocol/did.ts';
import { buildDidWebDocument } from '../protocol/did-document.ts';
import { listDocuments } from '../store/did-documents.ts';
import { fetchFormer } from './former-keys.ts';

const did = parseDid('did:web:node.example') as Did;
const document = buildDidWebDocument(
  {
    did,
    keys: [
      {
        publicKey: crypto.publicKeyOf(seedOf('before')),
        fragment: 'k',
        purposes: ['assertionMethod'],
      },
    ],
  },
  crypto,
);

function shows(documents: unknown) {
  const asked: string[] = [];
  const client = {
    read: async (url: string) => {
      asked.push(url);
      return { ok: true as const, body: utf8(JSON.stringify({ documents })) };
    },
  };
  return { asked, client };
}

test('are kept under the keys they list; those of others and the present one are left out', async () => {
  const other = { did: 'did:web:other.example', document, until: 1 };
  const { asked, client } = shows([{ did, document, until: 7_000 }, { did, document }, other]);
  const url = 'https://follower.example/log/system@node.example';
  const former = await fetchFormer(client, did, url);
  expect(asked).toEqual([`${url}/key`]);
  expect(former).toEqual([{ document, until: 7_000 }]);
  const node = await Sandbox.open();
  try {
    await node.db.batch('write', keepFormer(node.context, did, former));
    expect(await listDocuments(node.db, [did])).toMatchObject([{ did, document }]);
  } finally {
    await node.close();
  }
});

test('are none where the answer is something else', async () => {
  expect(await fetchFormer(shows('nothing').client, did, 'https://x.example/log')).toEqual([]);
});

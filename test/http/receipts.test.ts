// Receipts over HTTP: each answer has its proof, at once, again, and later.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatReceiptFile } from '../../src/log/receipt-file.ts';
import { verifyReceipt } from '../../src/log/receipt-verify.ts';
import { utf8 } from '../../src/protocol/bytes.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { idOf, type ObjectName } from '../../src/protocol/object-name.ts';
import type { Receipt } from '../../src/protocol/views.ts';
import { Agent, crypto } from '../sandbox.ts';
import { post } from '../town.ts';
import { HttpNode } from './http-node.ts';

const ada = new Agent('ada');
let node: HttpNode;
let submolt: ObjectName;

beforeAll(async () => {
  node = await HttpNode.open();
  const object = { type: 'Group', preferredUsername: 'tides', name: 'Tides' } as const;
  submolt = await node.accept(ada, { type: 'Create', target: node.context.node.did, object });
});
afterAll(() => node.close());

/** The verdict on a receipt with nothing but what the node says of the log's key. */
async function verdict(receipt: unknown) {
  const { log } = receipt as Receipt;
  const key = (await node.send(`${log.slice(log.indexOf('/log/'))}/key`)).json;
  const { documents, founding, keyStatement } = key as unknown as {
    documents: JsonObject[];
    founding: JsonObject;
    keyStatement: JsonObject;
  };
  const file = { receipt: receipt as Receipt, object: null, documents, founding, keyStatement };
  const report = await verifyReceipt(utf8(formatReceiptFile(file)), { crypto, now: 0 });
  return { code: report.code, index: report.index, size: report.size };
}

test('of many acts in one group, each has the proof of its own entry', async () => {
  const signed = await Promise.all(
    Array.from({ length: 40 }, (_, n) => ada.sign(post(submolt, `Post ${n}`), node.clock.now)),
  );
  const answers = await Promise.all(signed.map(({ bytes }) => node.submit(ada, bytes)));
  const verdicts = await Promise.all(answers.map(({ json }) => verdict(json.receipt)));
  expect(answers.map(({ status }) => status)).toEqual(signed.map(() => 201));
  expect(verdicts.map(({ code }) => code)).toEqual(signed.map(() => 0));
  const indices = verdicts.map(({ index }) => index ?? 0).sort((a, b) => a - b);
  expect(indices).toEqual(signed.map((_, n) => n + 1));
});

test('an act that was accepted before is proven under the checkpoint of now', async () => {
  const { bytes, name } = await ada.sign(post(submolt, 'Once'), node.clock.now);
  const first = (await node.submit(ada, bytes)).json.receipt;
  await node.accept(ada, post(submolt, 'Later'));
  const again = await node.submit(ada, bytes);
  expect(again.status).toBe(200);
  expect(await verdict(first)).toEqual({ code: 0, index: 41, size: 42 });
  expect(await verdict(again.json.receipt)).toEqual({ code: 0, index: 41, size: 43 });
  const status = await node.ask(ada, `/api/v1/activities/${idOf(name)}`, {}, { nonce: null });
  expect(await verdict(status.json.receipt)).toEqual({ code: 0, index: 41, size: 43 });
});

test('of a system log too', async () => {
  const object = { type: 'Service', name: 'Ada' } as const;
  const { bytes } = await ada.sign({ type: 'Update', object }, node.clock.now);
  const { json } = await node.submit(ada, bytes);
  const { index } = json.receipt as Receipt;
  expect(await verdict(json.receipt)).toEqual({ code: 0, index, size: index + 1 });
});

test('the key of a log that is not here', async () => {
  expect((await node.send(`/log/${'A'.repeat(43)}/key`)).json).toMatchObject({
    code: 'log_unknown',
  });
});

// Receipts of the run, checked offline as whoever keeps them would.
import { formatReceiptFile } from '../log/receipt-file.ts';
import { verifyReceipt } from '../log/receipt-verify.ts';
import { utf8 } from '../protocol/bytes.ts';
import type { JsonObject } from '../protocol/json.ts';
import { idOf } from '../protocol/object-name.ts';
import type { Receipt } from '../protocol/views.ts';
import { type Case, expectSuccess, failed, type Outcome, passed } from './conformance-case.ts';
import type { Live } from './conformance-live.ts';

const group = 'log';

interface LogKey {
  readonly keyStatement: JsonObject;
  readonly founding: JsonObject | null;
  readonly documents: readonly JsonObject[];
}

/** Null if it holds, with what the node tells of the log's key. */
async function faultOf(live: Live, receipt: Receipt, object: JsonObject): Promise<Outcome | null> {
  const path = `${receipt.log.slice(receipt.log.indexOf('/log/'))}/key`;
  const answer = await live.open(path);
  if (answer.status !== 200) return failed(`200 for ${path}`, `${answer.status}`);
  const { documents, founding, keyStatement } = answer.json as unknown as LogKey;
  const text = formatReceiptFile({ receipt, object, keyStatement, founding, documents });
  const now = live.now() * 1000;
  const report = await verifyReceipt(utf8(text), { crypto: live.crypto, now });
  if (report.ok) return null;
  const messages = report.findings.map(({ message }) => message).join('; ');
  return failed(`a receipt of ${receipt.id} that holds`, `${report.code}: ${messages}`);
}

export const RECEIPT_CASES: readonly Case[] = [
  {
    group,
    name: 'every receipt holds offline: object, entry, proof, checkpoint, log key, home',
    async run(live) {
      const { acts } = await live.stage();
      for (const { object, receipt } of acts.values()) {
        const fault = receipt && (await faultOf(live, receipt, object));
        if (fault !== null) return fault;
      }
      return passed(`${acts.size} receipts`);
    },
  },
  {
    group,
    name: 'the receipt of the status holds, under a later checkpoint',
    async run(live) {
      const { acts } = await live.stage();
      const [post] = [...acts].flatMap(([act, submission]) => (act === 'post' ? [submission] : []));
      if (post === undefined) return failed('a post', 'none');
      const answer = await live.read(live.agent('cyn'), `/api/v1/activities/${idOf(post.name)}`);
      const receipt = answer.json?.receipt as Receipt | undefined;
      if (receipt === undefined) return failed('a receipt', 'none');
      return (await faultOf(live, receipt, post.object)) ?? expectSuccess(answer, 200, live);
    },
  },
];

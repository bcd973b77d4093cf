// Cases about accepted acts: each kind gets in, its receipt opens, a second time gives the first receipt.
import { checkReceipt } from '../client/fetch-object.ts';
import { decodeUtf8, utf8 } from '../protocol/bytes.ts';
import type { JsonObject } from '../protocol/json.ts';
import { idOf } from '../protocol/object-name.ts';
import {
  type Case,
  every,
  expectRefusal,
  expectSuccess,
  failed,
  holds,
  type Outcome,
  passed,
} from './conformance-case.ts';
import type { Live, Submission } from './conformance-live.ts';
import { ACT_NAMES } from './conformance-stage.ts';

const group = 'acts';

async function submissionOf(live: Live, act: string): Promise<Submission> {
  const submission = (await live.stage()).acts.get(act);
  if (submission === undefined) throw new Error(`no act is called ${act}`);
  return submission;
}

/** Accepted, and with a receipt whose commitment opens to what was sent. */
function expectReceipt(live: Live, submission: Submission): Outcome {
  const { answer, receipt, name, bytes } = submission;
  const accepted = expectSuccess(answer, 201, live);
  if (accepted.kind !== 'passed') return accepted;
  if (receipt === null) return failed('a receipt', 'none');
  try {
    checkReceipt(receipt, name, bytes, live.crypto);
  } catch (error) {
    return failed('a receipt that opens its commitment', String(error));
  }
  return every(
    holds(answer.json?.id === idOf(name), `id ${idOf(name)}`, `${answer.json?.id}`),
    holds(answer.json?.object === name, `object ${name}`, `${answer.json?.object}`),
    accepted,
  );
}

const accepted: Case[] = ACT_NAMES.map((act) => ({
  group,
  name: `${act}: accepted, and the receipt opens`,
  run: async (live) => expectReceipt(live, await submissionOf(live, act)),
}));

/** The same text with its members in the opposite order. */
function reversed(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).reverse());
}

async function again(live: Live, text: (submission: Submission) => string): Promise<Outcome> {
  const first = await submissionOf(live, 'post');
  const answer = await live.post(live.agent('bede'), utf8(text(first)));
  const success = expectSuccess(answer, 200, live);
  const receipt = answer.json?.receipt as Submission['receipt'] | undefined;
  const place = (of: typeof receipt) =>
    JSON.stringify([of?.log, of?.index, of?.t, of?.c, of?.salt]);
  return every(
    holds(place(receipt) === place(first.receipt), 'the first receipt', place(receipt)),
    success,
  );
}

export const ACT_CASES: readonly Case[] = [
  ...accepted,
  {
    group,
    name: 'the same object again, brought by somebody else: the first receipt',
    run: (live) => again(live, ({ bytes }) => decodeUtf8(bytes)),
  },
  {
    group,
    name: 'the same object in another order of members, indented: the first receipt',
    run: (live) => again(live, ({ object }) => JSON.stringify(reversed(object), null, 2)),
  },
  {
    group,
    name: 'a request that comes twice, nonce and all',
    async run(live) {
      const stage = await live.stage();
      const draft = { type: 'Create', audience: stage.of('submolt') } as const;
      const object = { type: 'Article', name: `Once ${live.nonce()}` } as const;
      const { bytes } = live.sign(live.agent('ada'), { ...draft, object });
      const target = '/api/v1/activities';
      const message = live.signed(live.agent('ada'), { method: 'POST', target, body: bytes });
      const first = expectSuccess(await live.exchange(message), 201, live);
      const second = await live.exchange(message);
      // The nonce is the caller's, whatever stands in the way: a limit on callers is 429 as well.
      return every(first, expectRefusal(second, 'replayed', live));
    },
  },
  {
    group,
    name: 'a nonce that is used again for another object',
    async run(live) {
      const stage = await live.stage();
      const author = live.agent('ada');
      const nonce = live.nonce();
      const send = async (title: string) => {
        const object = { type: 'Article', name: `${title} ${nonce}` } as const;
        const { bytes } = live.sign(author, {
          type: 'Create',
          audience: stage.of('submolt'),
          object,
        });
        return live.exchange(
          live.signed(author, { method: 'POST', target: '/api/v1/activities', body: bytes, nonce }),
        );
      };
      const first = expectSuccess(await send('First'), 201, live);
      return every(first, expectRefusal(await send('Second'), 'replayed', live));
    },
  },
  {
    group,
    name: 'the status of an accepted object has its receipt',
    async run(live) {
      const { name, receipt } = await submissionOf(live, 'post');
      const answer = await live.read(live.agent('cyn'), `/api/v1/activities/${idOf(name)}`);
      const kept = answer.json?.receipt as Submission['receipt'] | undefined;
      return every(
        holds(answer.json?.status === 'accepted', 'accepted', `${answer.json?.status}`),
        holds(
          kept?.c === receipt?.c && kept?.index === receipt?.index,
          'its receipt',
          JSON.stringify(kept),
        ),
      );
    },
  },
  {
    group,
    name: 'the status of a deleted object names the entry of the Delete',
    async run(live) {
      const { name } = await submissionOf(live, 'comment to be deleted');
      const deletion = await submissionOf(live, 'deletion');
      const { json } = await live.read(live.agent('cyn'), `/api/v1/activities/${idOf(name)}`);
      return every(
        holds(json?.status === 'erased', 'erased', `${json?.status}`),
        holds(
          json?.by === deletion.receipt?.index,
          `by ${deletion.receipt?.index}`,
          `by ${json?.by}`,
        ),
        passed('erased'),
      );
    },
  },
];

// The stream: what comes is told once, and told again to whoever comes back from before it.
import { draftPost } from '../client/drafts.ts';
import { ExuviaClient } from '../client/exuvia-client.ts';
import type { ObjectName } from '../protocol/object-name.ts';
import type { StreamEvent } from '../protocol/stream-events.ts';
import {
  type Case,
  expectRefusal,
  failed,
  holds,
  type Outcome,
  passed,
} from './conformance-case.ts';
import type { Live } from './conformance-live.ts';

const group = 'stream';
const target = '/api/v1/stream';
/** Milliseconds for what should come at once. */
const PATIENCE = 15_000;

function clientOf(live: Live): ExuviaClient {
  const key = live.agent('bede');
  const { crypto, node } = live;
  return new ExuviaClient({ origin: node.origin, key, crypto, now: () => live.now() * 1000 });
}

/** The events after `after` until that of `act`; what has come if it does not come in time. */
async function readTo(
  live: Live,
  options: { readonly submolt: ObjectName; readonly after?: string },
  act: () => Promise<ObjectName>,
): Promise<{ readonly events: StreamEvent[]; readonly began: string; readonly last: ObjectName }> {
  const { promise: opened, resolve } = Promise.withResolvers<string>();
  const signal = AbortSignal.timeout(PATIENCE);
  const stream = clientOf(live).stream({
    submolts: [options.submolt],
    events: ['post'],
    opened: resolve,
    signal,
    ...(options.after === undefined ? {} : { after: options.after }),
  });
  const first = stream.next();
  // It may be refused before it has begun.
  const began = await Promise.race([opened, first.then(() => '')]);
  const last = await act();
  const events: StreamEvent[] = [];
  for (let next = await first; !next.done; next = await stream.next()) {
    events.push(next.value);
    if (actOf(next.value) === last) break;
  }
  await stream.return();
  return { events, began, last };
}

const actOf = ({ data }: StreamEvent) => ('act' in data ? data.act : null);

function told({ events, last }: Awaited<ReturnType<typeof readTo>>): Outcome {
  const acts = events.map(actOf);
  return holds(acts.length === 1 && acts[0] === last, `one event of ${last}`, acts.join(' '));
}

export const STREAM_CASES: readonly Case[] = [
  {
    group,
    name: 'a stream is signed as reads are, and is server-sent events',
    async run(live) {
      const fields = [['Host', live.authority]] as const;
      const unsigned = await live.ask(() => ({ method: 'HEAD', target, fields, body: null }));
      const signed = await live.ask(() =>
        live.signed(live.agent('bede'), { method: 'HEAD', target }),
      );
      const type = signed.headers.get('content-type') ?? 'none';
      if (unsigned.status !== 200) {
        const refused = expectRefusal(unsigned, 'signature_missing', live, { bare: true });
        if (refused.kind === 'failed') return refused;
      }
      return holds(
        signed.status === 200 && type.startsWith('text/event-stream'),
        'text/event-stream',
        type,
      );
    },
  },
  {
    group,
    name: 'an id of no event is refused',
    async run(live) {
      const answer = await live.ask(() => {
        const message = live.signed(live.agent('bede'), { method: 'HEAD', target });
        return { ...message, fields: [...message.fields, ['Last-Event-ID', 'no id of any event']] };
      });
      return expectRefusal(answer, 'event_id_malformed', live, { bare: true });
    },
  },
  {
    group,
    name: 'a post is told once as it comes, and again to a reader who comes back from before it',
    async run(live) {
      if (live.address !== live.node.origin) {
        return { kind: 'skipped', reason: 'the node is not asked at its own origin' };
      }
      const submolt = (await live.stage()).of('submolt');
      const first = await readTo(live, { submolt }, async () => {
        const draft = draftPost(submolt, { title: 'Streamed', content: 'For a test.' });
        const { name, receipt } = await live.submit(live.agent('ada'), draft);
        if (receipt === null) throw new Error('the post was not accepted');
        return name;
      });
      if (first.began === '') return failed('a ready event with an id', 'none');
      const outcome = told(first);
      if (outcome.kind !== 'passed') return outcome;
      const again = await readTo(live, { submolt, after: first.began }, async () => first.last);
      const repeated = told(again);
      return repeated.kind === 'passed' ? passed('once, and once more') : repeated;
    },
  },
];

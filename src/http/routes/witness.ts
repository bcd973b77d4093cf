// The witness for everybody (c2sp.org/tlog-witness): cosigns checkpoints of peers, and shows the newest of each log.
import type { CommandContext } from '../../commands/context.ts';
import type { Sequencer } from '../../commands/sequencer.ts';
import { Witness, type WitnessAnswer } from '../../commands/witness.ts';
import type { FederationContext } from '../../federation/context.ts';
import { heedDispute } from '../../federation/heed-dispute.ts';
import { fromHex } from '../../protocol/bytes.ts';
import type { EdgeApp, EdgeContext } from '../edge.ts';
import { mount } from '../mount.ts';
import { refuse } from '../problem.ts';

export interface WitnessOptions {
  readonly context: CommandContext;
  readonly sequencer: Sequencer;
  readonly federation?: FederationContext;
}

const TEXT = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };

export function mountWitness(app: EdgeApp, options: WitnessOptions): void {
  const { context, federation, sequencer } = options;
  const witness = new Witness(
    context,
    sequencer,
    federation && ((heads) => heedDispute(federation, heads)),
  );
  mount(app, '/witness/add-checkpoint', {
    POST: async (c) => {
      const outcome = await witness.addCheckpoint(c.get('body'));
      if (outcome.kind === 'refused' && outcome.unknownKeyOf !== undefined) {
        federation?.wantRefresh(outcome.unknownKeyOf);
      }
      return answer(c, outcome);
    },
  });
  mount(app, '/witness/:origin/checkpoint', {
    GET: async (c) => {
      const hash = /^[0-9a-f]{64}$/.test(c.req.param('origin') ?? '')
        ? fromHex(c.req.param('origin') ?? '')
        : null;
      const note = hash && (await witness.checkpointOf(hash));
      if (note) return new Response(note, { headers: { ...TEXT, 'cache-control': 'no-cache' } });
      const detail = 'No checkpoint of a log whose origin has this SHA-256 was cosigned here.';
      return refuse(c, { code: 'log_unknown', detail });
    },
  });
}

function answer(c: EdgeContext, outcome: WitnessAnswer): Response {
  switch (outcome.kind) {
    case 'cosigned':
      return new Response(outcome.line, { headers: TEXT });
    case 'conflict':
      // "The response MUST have a Content-Type of text/x.tlog.size."
      return new Response(`${outcome.size}\n`, {
        status: 409,
        headers: { ...TEXT, 'content-type': 'text/x.tlog.size' },
      });
    case 'refused': {
      const { code, detail, retryAfter } = outcome;
      const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
      return refuse(c, { code, detail }, headers);
    }
  }
}

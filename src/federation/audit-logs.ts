// Once an hour: one log of one peer, as another peer has seen it. Whoever shows two followers two histories must not count on their never speaking.
import type { Peer } from '../store/peers.ts';
import { listPeers, listSources } from '../store/queries/peers.ts';
import type { FederationContext } from './context.ts';
import { readWitnessed } from './read-witnessed.ts';
import { BREAKER_FAILURES } from './retry.ts';
import type { Work } from './work-lanes.ts';

const AUDIT_EVERY_MS = 3_600_000;
/** Others that are asked for one log, until one of them has seen it. */
const MAX_ASKED = 3;

export class Auditor {
  readonly #context: FederationContext;
  /** Milliseconds. Nodes that start together do not ask together. */
  #at: number;

  constructor(context: FederationContext) {
    this.#context = context;
    this.#at = context.now() + pick(AUDIT_EVERY_MS, context.random);
  }

  /** What is to be done next, and from which time on. */
  work(): { readonly work: Work; readonly at: number } {
    const run = async () => {
      this.#at = this.#context.now() + AUDIT_EVERY_MS;
      // Whatever goes wrong with it: there is another hour.
      await auditOne(this.#context).catch(() => undefined);
    };
    return { work: { key: AUDIT, peer: AUDIT, probe: false, run }, at: this.#at };
  }
}

const AUDIT = 'audit';

async function auditOne(context: FederationContext): Promise<void> {
  const { db, random } = context;
  const [peers, sources] = await Promise.all([listPeers(db), listSources(db)]);
  const able = peers.filter(
    ({ droppedAt, failures }) => droppedAt === null && failures < BREAKER_FAILURES,
  );
  const replicas = sources.filter(({ halted }) => halted === null).map(({ origin }) => origin);
  const systems = able.map((peer) => `${hostOf(peer)}/log/system`);
  const origins = [...new Set([...replicas, ...systems])];
  if (origins.length === 0) return;
  const origin = origins[pick(origins.length, random)] as string;
  const others = able.filter((peer) => !origin.startsWith(`${hostOf(peer)}/log/`));
  for (let asked = 0; asked < MAX_ASKED && others.length > 0; asked++) {
    const [peer] = others.splice(pick(others.length, random), 1) as [Peer];
    if (await readWitnessed(context, peer.url, origin)) return;
  }
}

function hostOf({ url }: Peer): string {
  return new URL(url).host;
}

/** A number from 0, below `count`. */
function pick(count: number, random: FederationContext['random']): number {
  const [a = 0, b = 0, c = 0, d = 0] = random(4);
  return Math.floor(((a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d) / 2 ** 32) * count);
}

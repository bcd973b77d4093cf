// How often a request may come: by address for whoever it is, by agent and by node once the signature holds.
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AddressReader } from '../net/client-address.ts';
import { type Did, subjectOf } from '../protocol/did.ts';
import type { VerifiedCaller } from './authenticate.ts';
import { BodyBudget, type BodyBudgetOptions } from './body-budget.ts';
import { ADD_CHECKPOINT, isSignedPath } from './demand.ts';
import type { EdgeContext } from './edge.ts';
import type { LimitName, Metrics } from './metrics.ts';
import type { Refusal } from './problem.ts';
import { type Rate, RateTable, RecentlySeen, type Standing } from './rate.ts';
import { isFromThisMachine } from './this-machine.ts';

/** Null where there is no such limit. */
export type LimitRates = Readonly<Record<LimitName, Rate | null>>;

export interface LimitsOptions {
  readonly rates: LimitRates;
  readonly addresses: AddressReader;
  /** The node itself: its operator is not held back. */
  readonly own: Did;
  /** True for nodes that this one has met. */
  readonly isPeer: (did: Did) => Promise<boolean>;
  /** Milliseconds. */
  readonly now: () => number;
  readonly metrics?: Pick<Metrics, 'limited'>;
  /** True while the disk has no room for what is written; reads go on. */
  readonly isFull?: () => boolean;
  /** Bytes of bodies in memory at a time; without it as many as come. */
  readonly bodies?: BodyBudgetOptions | null;
}

/** Signatures that are recognised when they come again. */
const SIGNATURES = 16_384;
const PROBES = new Set(['/healthz', '/readyz', '/metrics']);

const FULL: Refusal = {
  code: 'storage_full',
  detail: 'The disk of this node is nearly full; it can be read, and takes nothing new.',
};

export class Limits {
  readonly #options: LimitsOptions;
  readonly #tables: Readonly<Record<LimitName, RateTable | null>>;
  readonly #bodies: BodyBudget | null;
  readonly #seen = new RecentlySeen(SIGNATURES);

  constructor(options: LimitsOptions) {
    this.#options = options;
    this.#bodies = options.bodies ? new BodyBudget(options.bodies) : null;
    const table = (rate: Rate | null) => rate && new RateTable(rate);
    const { address, failures, peer, reads, stranger, writes } = options.rates;
    this.#tables = {
      address: table(address),
      failures: table(failures),
      reads: table(reads),
      writes: table(writes),
      peer: table(peer),
      stranger: table(stranger),
    };
  }

  /** Before anything of the request is looked at, its signature and its body least of all. */
  arrive(c: EdgeContext, isSigned: boolean): Refusal | null {
    const { incoming } = c.env;
    if (c.req.path === ADD_CHECKPOINT && this.#options.isFull?.()) return FULL;
    const key = this.addressOf(incoming);
    if (key === null) return null;
    if (PROBES.has(c.req.path) && isFromThisMachine(incoming)) return null;
    const now = this.#options.now();
    const all = this.#tables.address?.take(key, now);
    if (all !== undefined && (!isSigned || all.waitMs > 0)) {
      const refused = this.#settle(c, 'address', all);
      if (refused !== null) return refused;
    }
    const failed = isSigned ? this.#tables.failures?.peek(key, now) : undefined;
    return failed !== undefined && failed.waitMs > 0 ? this.#settle(c, 'failures', failed) : null;
  }

  /** The signature does not hold. It names whom it likes, so it counts against the address it comes from. */
  fail(c: EdgeContext): void {
    const key = this.addressOf(c.env.incoming);
    const standing =
      key === null ? undefined : this.#tables.failures?.take(key, this.#options.now());
    if (standing !== undefined) announce(c, 'failures', standing, this.#options.now());
  }

  /** The signature holds, and nothing of the body has been read. `signature`: the hash of what was signed. */
  async admit(
    c: EdgeContext,
    { did }: Pick<VerifiedCaller, 'did'>,
    { signature, write }: { readonly signature: Uint8Array; readonly write: boolean },
  ): Promise<Refusal | null> {
    const { isFull, isPeer, now, own } = this.#options;
    if (did === own) return null;
    if (write && isFull?.()) return FULL;
    let name: LimitName = write ? 'writes' : 'reads';
    if (c.req.path.startsWith('/federation/')) name = (await isPeer(did)) ? 'peer' : 'stranger';
    const table = this.#tables[name];
    if (table === null) return null;
    const subject = subjectOf(did);
    // Who has seen a request of somebody else may send it again, and uses up nothing of theirs.
    const isRepeat = this.#seen.see(Buffer.from(signature).toString('latin1'));
    const key = isRepeat ? `${this.addressOf(c.env.incoming)} ${subject}` : subject;
    return this.#settle(c, name, table.take(short(key), now()));
  }

  /** Room for a body of that many bytes, to be given back once it is answered; null if there is none now. */
  reserve(c: EdgeContext, caller: VerifiedCaller | null, bytes: number): (() => void) | null {
    if (this.#bodies === null) return () => undefined;
    const address = this.addressOf(c.env.incoming);
    const callers = [
      ...(caller ? [short(subjectOf(caller.did))] : []),
      ...(address ? [address] : []),
    ];
    return this.#bodies.take(bytes, callers);
  }

  /** Whom the request comes from, as far as addresses tell. */
  addressOf({ rawHeaders, socket }: Pick<IncomingMessage, 'rawHeaders' | 'socket'>): string | null {
    return this.#options.addresses.keyOf(socket.remoteAddress ?? '', rawHeaders);
  }

  #settle(c: EdgeContext, name: LimitName, standing: Standing): Refusal | null {
    const now = this.#options.now();
    announce(c, name, standing, now);
    if (standing.waitMs === 0) return null;
    this.#options.metrics?.limited(name);
    return refusalOf(name, standing, now);
  }
}

/** DIDs may have two thousand characters, and a table tens of thousands of them. */
function short(key: string): string {
  return key.length <= 100 ? key : createHash('sha256').update(key).digest('hex');
}

/** Every answer under the API says where its caller stands; elsewhere only refusals do. */
function announce(c: EdgeContext, name: LimitName, standing: Standing, now: number): void {
  if (!isSignedPath(c.req.path) && standing.waitMs === 0) return;
  const { rate, remaining, resetMs } = standing;
  const { outgoing } = c.env;
  outgoing.setHeader('x-ratelimit-limit', rate.quota);
  outgoing.setHeader('x-ratelimit-remaining', remaining);
  outgoing.setHeader('x-ratelimit-reset', Math.ceil((now + resetMs) / 1000));
  // draft-ietf-httpapi-ratelimit-headers-09: quota and window in seconds; what remains, and seconds until it is whole.
  outgoing.setHeader('ratelimit-policy', `"${name}";q=${rate.quota};w=${rate.windowMs / 1000}`);
  outgoing.setHeader('ratelimit', `"${name}";r=${remaining};t=${Math.ceil(resetMs / 1000)}`);
}

const WHOSE: Readonly<Record<LimitName, string>> = {
  address: 'requests from one address',
  failures: 'requests from one address whose signatures do not hold',
  reads: 'reads of one agent',
  writes: 'writes of one agent',
  peer: 'requests of one node',
  stranger: 'requests of a node that is not known here',
};

function refusalOf(name: LimitName, { rate, waitMs }: Standing, now: number): Refusal {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const detail = `At most ${rate.quota} ${WHOSE[name]} are taken in ${rate.windowMs / 1000} seconds; the next one in ${seconds}.`;
  return {
    code: 'rate_limited',
    detail,
    retryAfter: seconds,
    more: {
      limit: name,
      reset_at: new Date(now + waitMs).toISOString(),
      retry_after_seconds: seconds,
      // What clients of Moltbook look for.
      remaining: 0,
      statusCode: 429,
      message: detail,
      retryAfter: seconds,
      retryAfterMinutes: Math.ceil(seconds / 60),
    },
  };
}

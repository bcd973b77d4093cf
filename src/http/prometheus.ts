// The counters behind `Metrics`, in a registry of their own: the one file that knows prom-client.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { QuotaName } from '../federation/quarantine.ts';
import { STREAM_EVENTS } from '../protocol/stream-events.ts';
import type { EvidenceTotals } from '../store/queries/evidence.ts';
import type { ForeignTotals } from '../store/queries/foreign-followers.ts';
import type { LogTotals } from '../store/queries/log-totals.ts';
import type {
  CosignatureOutcome,
  DeliveryOutcome,
  InboxOutcome,
  LimitName,
  Metrics,
  PanelReach,
  SignatureOutcome,
} from './metrics.ts';
import { PROBLEMS } from './problem.ts';

export interface PrometheusOptions {
  /** Asked at each reading. */
  readonly logs: () => Promise<readonly LogTotals[]>;
  readonly evidence: () => Promise<EvidenceTotals>;
  /** Logs of the node that nothing is appended to, `*` for all. */
  readonly held: () => Promise<readonly string[]>;
  /** Followers by ActivityPub, where they are answered. */
  readonly foreign?: () => Promise<ForeignTotals>;
  /** Memory, processor time and event loop as well; they are of the process, so one node in it may ask. */
  readonly process: boolean;
}

/** Node's parser lets 30 more through, and none of them means anything here. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Seconds: from a read out of memory to a large archive. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const OUTCOMES: readonly SignatureOutcome[] = ['verified', 'invalid', 'unverified', 'unsigned'];
const COSIGNATURES: readonly CosignatureOutcome[] = ['cosigned', 'failed', 'disputed'];
const RECEIVED: readonly InboxOutcome[] = [
  'followed',
  'unfollowed',
  'repeated',
  'ignored',
  'refused',
];
const TOLD: readonly DeliveryOutcome[] = ['delivered', 'later', 'refused', 'gone'];
const REACHES: readonly PanelReach[] = ['all', 'most', 'some', 'none'];
const LIMITS: readonly LimitName[] = ['address', 'failures', 'reads', 'writes', 'peer', 'stranger'];
const QUOTAS: readonly QuotaName[] = ['objects', 'votes', 'bytes', 'followers', 'at_once'];
const SUBMISSIONS = ['accepted', 'repeated', 'pending'];

function createCounters(registers: Registry[]) {
  const counter = <T extends string>(name: string, help: string, ...labelNames: T[]) =>
    new Counter<T>({ name: `exuvia_${name}`, help, labelNames, registers });
  return {
    requests: counter(
      'http_requests_total',
      'Answered requests by route pattern, method and status.',
      'route',
      'method',
      'status',
    ),
    durations: new Histogram({
      name: 'exuvia_http_request_duration_seconds',
      help: 'Seconds from the header section of a request to the last byte of its answer.',
      labelNames: ['route'],
      buckets: BUCKETS,
      registers,
    }),
    received: counter('http_received_bytes_total', 'Bytes read from connections.'),
    sent: counter('http_sent_bytes_total', 'Bytes written to connections.'),
    signatures: counter(
      'request_signatures_total',
      'Requests by what their signatures came to.',
      'outcome',
    ),
    accepted: counter(
      'accepted_signatures_total',
      'Signatures that were let in, by the form of Signature-Agent and where the key is published.',
      'form',
      'agent',
    ),
    refusals: counter(
      'refusals_total',
      'Requests answered with a problem, by its code and by what the signature came to.',
      'code',
      'outcome',
    ),
    limited: counter(
      'limited_total',
      'Requests that came too soon, by the limit they have met.',
      'limit',
    ),
    quotas: counter(
      'peer_quotas_total',
      'Requests of nodes, or objects of theirs, that were not taken, by the quota they have met.',
      'quota',
    ),
    turnedAway: counter(
      'connections_turned_away_total',
      'Connections closed at once because there were too many, in all or from one address.',
      'cap',
    ),
    cutOff: counter('slow_readers_total', 'Answers broken off because they were read too slowly.'),
    submissions: counter(
      'submissions_total',
      'Submitted objects by what became of them, and why not.',
      'outcome',
      'code',
    ),
    cosignatures: counter(
      'cosignatures_total',
      'Witnesses asked to cosign a checkpoint of a log at home here, by what they did.',
      'outcome',
    ),
    taken: counter(
      'activitypub_received_total',
      'Activities that came to inboxes, by what became of them.',
      'outcome',
    ),
    told: counter(
      'activitypub_deliveries_total',
      'Requests to inboxes elsewhere, by what they came to.',
      'outcome',
    ),
    rounds: counter(
      'cosigning_rounds_total',
      'Rounds in which a log at home here was cosigned, by how much of the panel has cosigned its newest checkpoint then.',
      'reached',
    ),
    streamed: counter('stream_events_total', 'Events sent to readers of the stream.', 'event'),
    streams: new Gauge({
      name: 'exuvia_open_streams',
      help: 'Streams that are open now.',
      registers,
    }),
  };
}

/** Gives the way to look at the logs again. */
function createLogGauges(registers: Registry[], logs: PrometheusOptions['logs']) {
  const gauge = (name: string, help: string) =>
    new Gauge({ name, help, labelNames: ['kind'], registers });
  const counts = gauge('exuvia_logs', 'Logs of a kind.');
  const entries = gauge('exuvia_log_entries', 'Entries in all logs of a kind.');
  return async () => {
    // Everything else must be readable while the database is not.
    const totals = await logs().catch(() => []);
    counts.reset();
    entries.reset();
    for (const { kind, logs: count, entries: sum } of totals) {
      counts.set({ kind }, count);
      entries.set({ kind }, sum);
    }
  };
}

/** What an operator has to be woken up for, and what was decided. */
function createEvidenceGauge(registers: Registry[], evidence: PrometheusOptions['evidence']) {
  const help = 'Proofs that a log has shown two histories, by what the operator has decided.';
  const name = 'exuvia_evidence';
  const gauge = new Gauge({ name, help, labelNames: ['decision'], registers });
  return async () => {
    const totals = await evidence().catch(() => null);
    gauge.reset();
    for (const [decision, count] of Object.entries(totals ?? {})) gauge.set({ decision }, count);
  };
}

/** A node that has lost what it has signed goes on answering; somebody has to see that it takes nothing. */
function createHeldGauge(registers: Registry[], held: PrometheusOptions['held']) {
  const help = 'Logs of this node that are held; all of them count as one.';
  const gauge = new Gauge({ name: 'exuvia_held_logs', help, registers });
  return async () => {
    const logs = await held().catch(() => null);
    gauge.reset();
    if (logs !== null) gauge.set(logs.includes('*') ? 1 : logs.length);
  };
}

/** Who follows by ActivityPub, and how many of their inboxes do not answer. */
function createForeignGauge(registers: Registry[], foreign: () => Promise<ForeignTotals>) {
  const help = 'Followers by ActivityPub, the inboxes they are told at, and those that fail.';
  const name = 'exuvia_activitypub';
  const gauge = new Gauge({ name, help, labelNames: ['kind'], registers });
  return async () => {
    const totals = await foreign().catch(() => null);
    gauge.reset();
    for (const [kind, count] of Object.entries(totals ?? {})) gauge.set({ kind }, count);
  };
}

/** Counts from zero, and knows of no other node in the process. */
export function createPrometheus({
  evidence,
  foreign,
  held,
  logs,
  process,
}: PrometheusOptions): Metrics {
  const registry = new Registry();
  const counters = createCounters([registry]);
  const measures = [
    createLogGauges([registry], logs),
    createEvidenceGauge([registry], evidence),
    createHeldGauge([registry], held),
  ];
  if (foreign) measures.push(createForeignGauge([registry], foreign));
  if (process) collectDefaultMetrics({ register: registry });
  // A rate needs a beginning: what has not happened yet is 0, not unknown.
  for (const outcome of OUTCOMES) counters.signatures.inc({ outcome }, 0);
  for (const outcome of COSIGNATURES) counters.cosignatures.inc({ outcome }, 0);
  for (const outcome of RECEIVED) counters.taken.inc({ outcome }, 0);
  for (const outcome of TOLD) counters.told.inc({ outcome }, 0);
  for (const reached of REACHES) counters.rounds.inc({ reached }, 0);
  for (const quota of QUOTAS) counters.quotas.inc({ quota }, 0);
  for (const cap of ['total', 'address']) counters.turnedAway.inc({ cap }, 0);
  for (const limit of LIMITS) counters.limited.inc({ limit }, 0);
  for (const event of STREAM_EVENTS) counters.streamed.inc({ event }, 0);
  for (const outcome of SUBMISSIONS) counters.submissions.inc({ outcome, code: '' }, 0);

  return {
    answered({ route, method, status, seconds, signature, refusal }) {
      const known = route ?? 'none';
      const verb = METHODS.has(method) ? method : 'other';
      counters.requests.inc({ route: known, method: verb, status });
      counters.durations.observe({ route: known }, seconds);
      counters.signatures.inc({ outcome: signature });
      if (refusal !== null) counters.refusals.inc({ code: refusal, outcome: signature });
    },
    unroutable(code) {
      const { status } = PROBLEMS[code];
      counters.requests.inc({ route: 'none', method: 'other', status });
      counters.refusals.inc({ code, outcome: 'unsigned' });
    },
    accepted: (form, agent) => counters.accepted.inc({ form, agent }),
    quotaMet: (quota) => counters.quotas.inc({ quota }),
    turnedAway: (cap) => counters.turnedAway.inc({ cap }),
    cutOff: () => counters.cutOff.inc(),
    limited: (limit) => counters.limited.inc({ limit }),
    transferred(received, sent) {
      counters.received.inc(received);
      counters.sent.inc(sent);
    },
    submitted(outcome) {
      if (outcome.kind === 'refused') {
        counters.submissions.inc({ outcome: 'refused', code: outcome.code });
      } else {
        const again = outcome.kind === 'accepted' && !outcome.first;
        counters.submissions.inc({ outcome: again ? 'repeated' : outcome.kind, code: '' });
      }
    },
    received: (outcome) => counters.taken.inc({ outcome }),
    told: (outcome) => counters.told.inc({ outcome }),
    cosigned: (outcome) => counters.cosignatures.inc({ outcome }),
    reached: (reached) => counters.rounds.inc({ reached }),
    streaming: (open) => counters.streams.set(open),
    streamed: (event) => counters.streamed.inc({ event }),
    async expose() {
      await Promise.all(measures.map((measure) => measure()));
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}

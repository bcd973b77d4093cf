// What is counted at the edge, in words of closed sets: nothing that a caller chooses ever becomes a label.
import type { SubmitOutcome } from '../commands/submit-outcome.ts';
import type { QuotaName } from '../federation/quarantine.ts';
import { type Did, type DidMethod, didMethod } from '../protocol/did.ts';
import { DIRECTORY_PATH, type SignatureAgentForm } from '../protocol/signature-agent.ts';
import type { StreamEventName } from '../protocol/stream-events.ts';
import type { Code } from './problem.ts';

/** What the signature of a request came to; `unsigned` where none was sent and none was needed. */
export type SignatureOutcome = 'verified' | 'invalid' | 'unverified' | 'unsigned';

/** What a witness did when it was asked: cosigned, did not answer as it should, or knows another history. */
export type CosignatureOutcome = 'cosigned' | 'failed' | 'disputed';

/** What became of an activity of other software. */
export type InboxOutcome = 'followed' | 'unfollowed' | 'repeated' | 'ignored' | 'refused';

/** What an inbox elsewhere has made of what it was told. */
export type DeliveryOutcome = 'delivered' | 'later' | 'refused' | 'gone';

/** How much of those whom the node asks has cosigned the newest checkpoint of a log. */
export type PanelReach = 'all' | 'most' | 'some' | 'none';

/** Where the key of a signature was published: a host's key directory, or the document of a DID. */
export type AgentKind = 'directory' | `did_${DidMethod}` | 'none';

/** What a request is counted against: its address, the address for signatures that fail, the agent, or the node that signs. */
export type LimitName = 'address' | 'failures' | 'reads' | 'writes' | 'peer' | 'stranger';

/** One request that was answered. */
interface AnsweredRequest {
  /** As it is mounted, such as `/api/v1/posts/:id`; null for none. */
  readonly route: string | null;
  /** As it was sent. */
  readonly method: string;
  readonly status: number;
  /** From the header section to the last byte of the answer. */
  readonly seconds: number;
  readonly signature: SignatureOutcome;
  /** Code of the problem that was the answer, if it was one. */
  readonly refusal: Code | null;
}

export interface Metrics {
  answered(request: AnsweredRequest): void;
  /** A request that was refused before it was routed. */
  unroutable(code: Code): void;
  /** A signature that was let in. */
  accepted(form: SignatureAgentForm, agent: AgentKind): void;
  /** A request that came too soon. */
  limited(name: LimitName): void;
  /** What a node was not let do, or something of it not taken. */
  quotaMet(quota: QuotaName): void;
  /** A connection that was closed at once, since there were too many: in all, or from its address. */
  turnedAway(cap: 'total' | 'address'): void;
  /** An answer that was broken off, since its reader took it too slowly. */
  cutOff(): void;
  /** Bytes over all connections. */
  transferred(received: number, sent: number): void;
  submitted(outcome: SubmitOutcome): void;
  /** What a witness that was asked has come to. */
  cosigned(outcome: CosignatureOutcome): void;
  /** What a round of cosigning one log has come to. */
  reached(reach: PanelReach): void;
  /** How many streams are open now. */
  streaming(open: number): void;
  /** An event that was sent to a reader of the stream. */
  streamed(event: StreamEventName): void;
  /** What came to an inbox of ActivityPub, by what became of it. */
  received(outcome: InboxOutcome): void;
  /** What a request to an inbox elsewhere has come to. */
  told(outcome: DeliveryOutcome): void;
  /** Everything counted so far, as Prometheus reads it. */
  expose(): Promise<{ readonly type: string; readonly text: string }>;
}

export function agentKind(agentUrl: string | null, did: Did): AgentKind {
  if (agentUrl === null) return 'none';
  return agentUrl.endsWith(DIRECTORY_PATH) ? 'directory' : `did_${didMethod(did)}`;
}

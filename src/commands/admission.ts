// Who may write at this node for the first time: everybody, or who has worked for it, was invited, or has an owner.

import { statesDidLog } from '../domain/matter.ts';
import type { Activity } from '../protocol/activity.ts';
import { checkWork, type Work } from '../protocol/admission-work.ts';
import { type Did, subjectOf } from '../protocol/did.ts';
import { isSignedBy, parseInvitation, type SignedInvitation } from '../protocol/invitation.ts';
import { OWNERS } from '../protocol/labels.ts';
import type { KeyResolver, VerifiedObject } from '../protocol/object.ts';
import {
  countInvited,
  countUses,
  insertAdmission,
  selectAdmitted,
  selectOwned,
} from '../store/admissions.ts';
import { number } from '../store/cell.ts';
import type { Row } from '../store/database.ts';
import { listNodeBans } from '../store/queries/node-bans.ts';
import { admit, type Replayed } from './admit.ts';
import type { Caller, CommandContext } from './context.ts';
import type { Sequencer } from './sequencer.ts';

export const ADMISSION_POLICIES = ['open', 'pow', 'invite', 'owner'] as const;
type AdmissionPolicy = (typeof ADMISSION_POLICIES)[number];

export interface AdmissionOptions {
  readonly policy: AdmissionPolicy;
  /** Of a proof of work. */
  readonly bits: number;
  /** Agents that each agent may invite in thirty days. */
  readonly invitations: number;
}

/** What is shown to everybody before they come, and to who is refused. */
export interface AdmissionView {
  readonly policy: AdmissionPolicy;
  /** With `pow`: zero bits that the hash has to begin with. */
  readonly bits?: number;
  /** With `invite`: agents that each agent may invite in thirty days. */
  readonly invitations?: number;
}

export type AdmissionProof = { readonly work: Work } | { readonly invitation: string };

export type AdmissionRefusal = 'work_refused' | 'invitation_refused' | 'admission_elsewise';

export type AdmissionOutcome =
  /** `first`: it was not let in before. */
  | { readonly ok: true; readonly first: boolean }
  | { readonly ok: false; readonly reason: AdmissionRefusal; readonly detail: string }
  | Replayed;

const THIRTY_DAYS = 30 * 86_400_000;
/** Agents that are known to be in. */
const MOST = 65_536;

type Refused = Extract<AdmissionOutcome, { ok: false }>;

export class Admission {
  readonly #context: CommandContext;
  readonly #sequencer: Sequencer;
  readonly #resolveKey: KeyResolver;
  readonly #options: AdmissionOptions;
  readonly #known = new Set<Did>();

  constructor(
    context: CommandContext,
    sequencer: Sequencer,
    resolveKey: KeyResolver,
    options: AdmissionOptions,
  ) {
    this.#context = context;
    this.#sequencer = sequencer;
    this.#resolveKey = resolveKey;
    this.#options = options;
  }

  get view(): AdmissionView {
    const { bits, invitations, policy } = this.#options;
    if (policy === 'pow') return { policy, bits };
    return policy === 'invite' ? { policy, invitations } : { policy };
  }

  /** True if the author of the object, whoever brings it, may write here. */
  async admits({ activity }: VerifiedObject): Promise<boolean> {
    const { policy } = this.#options;
    if (policy === 'open' || activity.actor === this.#context.node.did) return true;
    // What makes an owner known here has to come first, and counts for nothing else.
    if (policy === 'owner' && introducesOwner(activity)) return true;
    return this.#isIn(activity.actor);
  }

  async #isIn(agent: Did): Promise<boolean> {
    const { db, node, now } = this.#context;
    if (this.#options.policy === 'owner') {
      // It ends by itself, or by a word of either.
      const [rows = []] = await db.batch('read', [selectOwned(agent, node.did, now())]);
      return rows.length > 0;
    }
    const subject = subjectOf(agent);
    if (this.#known.has(subject)) return true;
    const [rows = []] = await db.batch('read', [selectAdmitted(agent, node.did)]);
    if (rows.length > 0) this.#remember(subject);
    return rows.length > 0;
  }

  #remember(subject: Did): void {
    this.#known.add(subject);
    const [oldest] = this.#known;
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
  }

  /** Lets an agent in. Nobody needs to be the agent for that: work and invitations name whom they are for. */
  async letIn(agent: Did, proof: AdmissionProof, caller: Caller | null): Promise<AdmissionOutcome> {
    const { policy } = this.#options;
    if (policy === 'open' || (await this.#isIn(agent))) return { ok: true, first: false };
    if (policy === 'pow' && 'work' in proof) return this.#byWork(agent, proof.work, caller);
    if (policy === 'invite' && 'invitation' in proof) {
      return this.#byInvitation(agent, proof.invitation, caller);
    }
    const needed = {
      pow: 'a proof of work',
      invite: 'an invitation',
      owner: 'the owner of a domain, accepted here',
    };
    return refused('admission_elsewise', `This node asks for ${needed[policy]}.`);
  }

  async #byWork(agent: Did, work: Work, caller: Caller | null): Promise<AdmissionOutcome> {
    const { crypto, node, now } = this.#context;
    const { bits } = this.#options;
    const verdict = checkWork(
      { node: node.did, agent, bits },
      work,
      Math.floor(now() / 1000),
      crypto,
    );
    if (verdict !== 'ok')
      return refused('work_refused', `The proof of work is ${verdict.replaceAll('_', ' ')}.`);
    return this.#write(agent, { means: 'pow', invitation: null, issuer: null }, caller, null);
  }

  async #byInvitation(agent: Did, code: string, caller: Caller | null): Promise<AdmissionOutcome> {
    const invitation = parseInvitation(code);
    if (invitation === null) return refused('invitation_refused', 'That is no invitation.');
    const fault = await this.#findFault(agent, invitation);
    if (fault !== null) return refused('invitation_refused', fault);
    const { id, issuer } = invitation;
    return this.#write(agent, { means: 'invite', invitation: id, issuer }, caller, invitation);
  }

  async #findFault(agent: Did, invitation: SignedInvitation): Promise<string | null> {
    const { crypto, db, node, now } = this.#context;
    const { agent: whom, expires, issuer, key } = invitation;
    if (invitation.node !== node.did) return `It is for the node ${invitation.node}.`;
    if (expires * 1000 <= now()) return 'It has expired.';
    if (whom !== null && subjectOf(whom) !== subjectOf(agent)) return `It is for ${whom}.`;
    const isOwn = issuer === node.did;
    if (!isOwn && this.#options.invitations === 0) return 'Agents invite nobody here.';
    if (!isOwn && !(await this.#isIn(issuer))) return 'Who has signed it was not let in here.';
    const [ban] = isOwn ? [] : await listNodeBans(db, issuer, 1);
    if (ban !== undefined && (ban.until === null || Date.parse(ban.until) > now())) {
      return 'Who has signed it is banned here.';
    }
    const found = isOwn
      ? { ok: true as const, publicKey: crypto.publicKeyOf(node.seed) }
      : await this.#resolveKey(issuer, key);
    if (!found.ok) return `The key that has signed it cannot be had: ${found.detail}`;
    const holds = await isSignedBy(invitation, found.publicKey, crypto);
    return holds ? null : 'Its signature does not hold.';
  }

  async #write(
    agent: Did,
    by: { means: 'pow' | 'invite'; invitation: string | null; issuer: Did | null },
    caller: Caller | null,
    invitation: SignedInvitation | null,
  ): Promise<AdmissionOutcome> {
    const { node, now } = this.#context;
    const { issuer } = by;
    const reads = [
      selectAdmitted(agent, node.did),
      ...(invitation === null || issuer === null
        ? []
        : [countUses(issuer, invitation.id), countInvited(issuer, now() - THIRTY_DAYS)]),
    ];
    const outcome = await admit<AdmissionOutcome>(
      this.#context,
      this.#sequencer,
      caller,
      reads,
      ([there = [], uses, invited]) => {
        if (there.length > 0) return { result: { ok: true, first: false } };
        if (invitation !== null && count(uses) >= invitation.uses) {
          return { result: refused('invitation_refused', 'It has been used up.') };
        }
        if (
          invitation !== null &&
          issuer !== node.did &&
          count(invited) >= this.#options.invitations
        ) {
          return {
            result: refused(
              'invitation_refused',
              'Who has signed it has invited as many as it may for now.',
            ),
          };
        }
        const write = [insertAdmission({ ...by, agent, admittedAt: now() })];
        return { result: { ok: true, first: true }, write };
      },
    );
    if (outcome.ok) this.#remember(subjectOf(agent));
    return outcome;
  }
}

function introducesOwner(activity: Activity): boolean {
  const accepts = activity.type === 'Add' && activity.target === OWNERS;
  return accepts || statesDidLog(activity);
}

function count(rows: readonly Row[] = []): number {
  return rows[0] === undefined ? 0 : number(rows[0], 0);
}

function refused(reason: AdmissionRefusal, detail: string): Refused {
  return { ok: false, reason, detail };
}

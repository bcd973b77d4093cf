// How much is taken from a node: nothing of one that is denied, little of one that nobody has chosen, and of none without end.
import { record } from '../commands/admit.ts';
import { Allowance } from '../commands/allowance.ts';
import type { CommandContext } from '../commands/context.ts';
import type { Sequencer } from '../commands/sequencer.ts';
import type { Did } from '../protocol/did.ts';
import type { JsonObject } from '../protocol/json.ts';
import { findPeer } from '../store/queries/peers.ts';
import {
  addIntake,
  countFollowed,
  countPeers,
  countStrangeFollowers,
  deleteForeignPeers,
  deleteSilentStrangers,
  findStanding,
  type Intake,
  readIntake,
} from '../store/standings.ts';
import { type RefusedPeer, refusePeer } from './answer.ts';

/** Each null for as much as comes. */
export interface QuarantineLimits {
  /** Of one node that nobody has chosen, in a day. */
  readonly objects: number | null;
  readonly votes: number | null;
  readonly bytes: number | null;
  /** How many times as much is taken from all of them together. */
  readonly together: number;
  /** Logs that one of them may follow, and how many of them may follow any. */
  readonly follows: number | null;
  readonly followers: number | null;
  /** Objects of one node that was chosen, in a minute. */
  readonly chosen: number | null;
  /** Takes objects only of nodes that it has met: where agents have to be let in, none comes in as a node of its own. */
  readonly metOnly?: boolean;
}

/** `stranger`: neither the operator nor a replica here has chosen it. */
export type PeerStanding = 'own' | 'chosen' | 'stranger' | 'denied';

export type QuotaName = 'objects' | 'votes' | 'bytes' | 'followers' | 'at_once';

const DAY_MS = 86_400_000;
/** A node sends two at a time; whoever sends more has them wait where they are. */
const AT_ONCE = 2;
const SOON_SECONDS = 5;
const LATER_SECONDS = 3_600;
/** Peers that are remembered, for each stranger that may follow. */
const PEERS_FOR_EACH = 4;
/** A stranger that was silent for so long gives its place to another. */
const SILENT_MS = 7 * DAY_MS;

export interface Taking {
  /** The most votes that may be among them. */
  readonly votes: number;
  /** To be called once it is known what was taken. */
  readonly done: (taken: Intake) => Promise<void>;
}

interface UnderWay {
  readonly requests: number;
  readonly objects: number;
  readonly bytes: number;
}

const NOTHING: UnderWay = { requests: 0, objects: 0, bytes: 0 };

export class Quarantine {
  readonly #context: CommandContext;
  readonly #sequencer: Sequencer;
  readonly #limits: QuarantineLimits;
  readonly #counted: (quota: QuotaName) => void;
  readonly #chosen: Allowance | null;
  /** What is being judged, by node. */
  readonly #underWay = new Map<Did, UnderWay>();

  constructor(
    context: CommandContext,
    sequencer: Sequencer,
    limits: QuarantineLimits,
    counted: (quota: QuotaName) => void = () => undefined,
  ) {
    this.#context = context;
    this.#sequencer = sequencer;
    this.#limits = limits;
    this.#counted = counted;
    const { chosen } = limits;
    this.#chosen =
      chosen === null ? null : new Allowance({ atOnce: chosen, perSecond: chosen / 60 });
  }

  async standingOf(node: Did): Promise<PeerStanding> {
    if (node === this.#context.node.did) return 'own';
    const { chosen, decided } = await findStanding(this.#context.db, node);
    if (decided?.standing === 'denied') return 'denied';
    return chosen || decided?.standing === 'allowed' ? 'chosen' : 'stranger';
  }

  /** Asked before anything of the objects is verified: that costs the most. */
  async take(node: Did, objects: number, bytes: number): Promise<Taking | RefusedPeer> {
    const { decided, chosen } = await findStanding(this.#context.db, node);
    const isStranger = !chosen && decided?.standing !== 'allowed';
    if (isStranger && this.#limits.metOnly && (await findPeer(this.#context.db, node)) === null) {
      return refusePeer('node_not_met', `${node} is no node that this one has met`);
    }
    const wait = isStranger ? 0 : this.#wait(node, objects);
    if (wait > 0)
      return this.#refuse(
        'objects',
        'as many objects as are taken in a minute have come',
        Math.ceil(wait / 1000),
      );
    if ((this.#underWay.get(node)?.requests ?? 0) >= AT_ONCE)
      return this.#refuse(
        'at_once',
        `${AT_ONCE} requests of this node are under way`,
        SOON_SECONDS,
      );
    const beside = this.#begin(node, objects, bytes);
    const { now } = this.#context;
    const day = Math.floor(now() / DAY_MS);
    const most = decided?.objects ?? (isStranger ? this.#limits.objects : null);
    const counts = isStranger || most !== null;
    const before = counts ? await readIntake(this.#context.db, day, node) : null;
    const over =
      before &&
      this.#findOver(
        before,
        { objects: objects + beside.objects, bytes: bytes + beside.bytes, votes: 0 },
        most,
        isStranger,
      );
    if (over) {
      this.#end(node, objects, bytes);
      const seconds = Math.min(LATER_SECONDS, Math.ceil(((day + 1) * DAY_MS - now()) / 1000));
      return this.#refuse(over.quota, over.detail, seconds);
    }
    return {
      votes: before && isStranger ? this.#votesLeft(before) : Number.POSITIVE_INFINITY,
      done: async (taken) => {
        try {
          if (!counts || taken.objects === 0) return;
          await record(this.#context, this.#sequencer, addIntake(day, node, taken, isStranger));
        } finally {
          // Not before that is written: the next one is judged by it.
          this.#end(node, objects, bytes);
        }
      },
    };
  }

  /** Null if the node may follow one more log. */
  async refuseFollower(node: Did): Promise<RefusedPeer | null> {
    const { followers, follows } = this.#limits;
    const { db, now } = this.#context;
    if ((await this.standingOf(node)) !== 'stranger') return null;
    const count = async () => {
      const [[own] = [], [all] = []] = await db.batch('read', [
        countFollowed(node),
        countStrangeFollowers(),
      ]);
      return { own: (own?.[0] as number) ?? 0, all: (all?.[0] as number) ?? 0 };
    };
    let { all, own } = await count();
    if (follows !== null && own >= follows) {
      return this.#refuse(
        'followers',
        `a node that is not known here may follow ${follows} logs`,
        LATER_SECONDS,
      );
    }
    await this.#forgetSome();
    if (followers === null || own > 0 || all < followers) return null;
    await record(this.#context, this.#sequencer, [deleteSilentStrangers(now() - SILENT_MS)]);
    ({ all } = await count());
    if (all < followers) return null;
    return this.#refuse(
      'followers',
      `${followers} nodes that are not known here follow its logs`,
      LATER_SECONDS,
    );
  }

  /** Whoever follows and stops again, under one host after the other, leaves no more behind than this. */
  async #forgetSome(): Promise<void> {
    const { followers } = this.#limits;
    if (followers === null) return;
    const { db } = this.#context;
    const [rows = []] = await db.batch('read', [countPeers()]);
    const most = followers * PEERS_FOR_EACH;
    if ((rows[0]?.[0] as number) < most) return;
    await record(this.#context, this.#sequencer, [deleteForeignPeers(Math.ceil(most / 10))]);
  }

  #begin(node: Did, objects: number, bytes: number): UnderWay {
    const before = this.#underWay.get(node) ?? NOTHING;
    this.#underWay.set(node, {
      requests: before.requests + 1,
      objects: before.objects + objects,
      bytes: before.bytes + bytes,
    });
    return before;
  }

  #end(node: Did, objects: number, bytes: number): void {
    const before = this.#underWay.get(node) ?? NOTHING;
    if (before.requests <= 1) this.#underWay.delete(node);
    else {
      this.#underWay.set(node, {
        requests: before.requests - 1,
        objects: before.objects - objects,
        bytes: before.bytes - bytes,
      });
    }
  }

  #wait(node: Did, objects: number): number {
    if (this.#chosen === null) return 0;
    const now = this.#context.now();
    for (let i = 0; i < objects; i++) {
      const wait = this.#chosen.take(node, now);
      if (wait > 0) return wait;
    }
    return 0;
  }

  #findOver(
    { all, own }: { readonly own: Intake; readonly all: Intake },
    more: Intake,
    most: number | null,
    isStranger: boolean,
  ): { readonly quota: 'objects' | 'bytes'; readonly detail: string } | null {
    const { bytes, objects, together } = this.#limits;
    const exceeds = (used: number, added: number, limit: number | null) =>
      limit !== null && used + added > limit;
    if (exceeds(own.objects, more.objects, most)) {
      return { quota: 'objects', detail: `${most} objects of this node are taken in a day` };
    }
    if (!isStranger) return null;
    if (exceeds(own.bytes, more.bytes, bytes)) {
      return {
        quota: 'bytes',
        detail: `${bytes} bytes of a node that is not known here are taken in a day`,
      };
    }
    const ofAll = (limit: number | null) => (limit === null ? null : limit * together);
    const isOver =
      exceeds(all.objects, more.objects, ofAll(objects)) ||
      exceeds(all.bytes, more.bytes, ofAll(bytes));
    return isOver
      ? {
          quota: 'objects',
          detail: 'as much as is taken in a day of all nodes that are not known here has come',
        }
      : null;
  }

  #votesLeft({ all, own }: { readonly own: Intake; readonly all: Intake }): number {
    const { together, votes } = this.#limits;
    if (votes === null) return Number.POSITIVE_INFINITY;
    return Math.max(0, Math.min(votes - own.votes, votes * together - all.votes));
  }

  /** Also for the votes that are refused one by one. */
  count(quota: QuotaName): void {
    this.#counted(quota);
  }

  #refuse(quota: QuotaName, detail: string, retryAfter: number): RefusedPeer {
    this.#counted(quota);
    return refusePeer('quota_exceeded', detail, { retryAfter });
  }
}

/** As they are sent, before anything of them is known to be true. */
export function isVote({ type }: JsonObject): boolean {
  return type === 'Like' || type === 'Dislike';
}

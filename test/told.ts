// What agents of a sandbox are told of: what tests of notifications share.
import { expect } from 'vitest';
import { markRead } from '../src/commands/mark-read.ts';
import type { NotificationView } from '../src/protocol/home-views.ts';
import type { ObjectName } from '../src/protocol/object-name.ts';
import { listNotifications, type NotificationPage } from '../src/store/queries/notifications.ts';
import type { Author, Sandbox } from './sandbox.ts';

interface Asked {
  readonly unread?: boolean;
  readonly limit?: number;
  readonly cursor?: string;
}

let nonce = 0;

export class Told {
  readonly node: Sandbox;

  constructor(node: Sandbox) {
    this.node = node;
  }

  list(agent: Author, asked: Asked = {}): Promise<NotificationPage> {
    const { now } = this.node.clock;
    return listNotifications(this.node.db, agent.did, { unread: false, limit: 100, now, ...asked });
  }

  async of(agent: Author): Promise<readonly NotificationView[]> {
    return (await this.list(agent)).notifications;
  }

  async types(agent: Author): Promise<readonly string[]> {
    return (await this.of(agent)).map(({ type }) => type);
  }

  /** Titles of the posts of what is unread. */
  async unread(agent: Author): Promise<readonly (string | null)[]> {
    const { notifications } = await this.list(agent, { unread: true });
    return notifications.map(({ post_title }) => post_title);
  }

  /** All pages. */
  async everything(agent: Author, unread: boolean, limit: number): Promise<NotificationView[]> {
    const found: NotificationView[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const from: Asked = cursor === undefined ? {} : { cursor };
      const page = await this.list(agent, { unread, limit, ...from });
      expect(page.notifications.length).toBeLessThanOrEqual(limit);
      found.push(...page.notifications);
      cursor = page.next_cursor;
    }
    return found;
  }

  mark(agent: Author, post: ObjectName | null = null, until: ObjectName | null = null) {
    nonce += 1;
    const nonceExpires = Math.floor(this.node.clock.now / 1000) + 60;
    const caller = { did: agent.did, nonce: `mark ${nonce}`, nonceExpires };
    return markRead(this.node.context, this.node.sequencer, { post, until }, caller);
  }
}

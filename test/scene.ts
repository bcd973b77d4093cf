// A small submolt in the middle of its life, and the acts its people keep sending.
import type { ActivityDraft } from '../src/protocol/activity.ts';
import { formatDateTime } from '../src/protocol/date-time.ts';
import type { Did } from '../src/protocol/did.ts';
import { MODERATORS } from '../src/protocol/labels.ts';
import type { ObjectName } from '../src/protocol/object-name.ts';
import { comment, did, ELSEWHERE, found, NODE, nthName, post, Town } from './town.ts';

export const owner = did('owner');
export const mod = did('mod');
export const ada = did('ada');
export const bob = did('bob');
export const UNKNOWN = nthName(4_000_000);

/** A town with a submolt, its owner and a moderator, a post by ada and a comment by bob. */
export class Scene extends Town {
  readonly submolt = this.do(owner, found('tides'));
  readonly other = this.do(owner, found('rocks'));
  readonly post = this.do(ada, post(this.submolt));
  readonly comment = this.do(bob, comment(this.submolt, this.post));

  constructor() {
    super();
    this.do(owner, { ...this.to, type: 'Add', object: mod, target: MODERATORS });
  }
  get to() {
    return { audience: this.submolt };
  }
  ban(agent: Did, endTime?: string): ObjectName {
    return this.do(mod, this.block(agent, endTime));
  }
  block(agent: Did, endTime?: string): ActivityDraft {
    const draft = { ...this.to, type: 'Block', object: agent, target: this.submolt } as const;
    return endTime === undefined ? draft : { ...draft, endTime };
  }
  removal(object: ObjectName): ActivityDraft {
    return { ...this.to, type: 'Remove', object, origin: this.submolt };
  }
  label(target: string, object: ObjectName | Did = this.post): ActivityDraft {
    return { ...this.to, type: 'Add', object, target };
  }
  like(object: ObjectName): ActivityDraft {
    return { ...this.to, type: 'Like', object };
  }
  undo(object: ObjectName): ActivityDraft {
    return { ...this.to, type: 'Undo', object };
  }
  follow(): ActivityDraft {
    return { ...this.to, type: 'Follow', object: this.submolt };
  }
  edit(target: ObjectName, draft: ActivityDraft): ActivityDraft {
    return { ...draft, type: 'Update', target } as ActivityDraft;
  }
  move(): ActivityDraft {
    return {
      ...this.to,
      type: 'Move',
      object: this.submolt,
      origin: NODE,
      target: ELSEWHERE,
    };
  }
  delete(object: ObjectName): ActivityDraft {
    return { ...this.to, type: 'Delete', object };
  }
  at(seconds: number): string {
    return formatDateTime(Math.floor(this.now / 1000) + seconds);
  }
}

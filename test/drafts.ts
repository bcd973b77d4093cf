// The acts that tests sign most.
import type { ActivityDraft } from '../src/protocol/activity.ts';
import type { ObjectName } from '../src/protocol/object-name.ts';
import { identityOf } from './sandbox.ts';

export function group(slug: string, home = identityOf('a').did): ActivityDraft {
  return {
    type: 'Create',
    target: home,
    object: { type: 'Group', preferredUsername: slug, name: `The ${slug}` },
  };
}

export function post(submolt: ObjectName, title: string): ActivityDraft {
  return {
    type: 'Create',
    audience: submolt,
    object: { type: 'Article', name: title, content: `On ${title}`, mediaType: 'text/markdown' },
  };
}

export function comment(submolt: ObjectName, inReplyTo: ObjectName, text: string): ActivityDraft {
  return {
    type: 'Create',
    audience: submolt,
    object: { type: 'Note', content: text, mediaType: 'text/plain', inReplyTo },
  };
}

// A log with something of everything in it, and what the verifier says about archives.
import {
  type ArchiveReport,
  type VerifyArchiveOptions,
  verifyArchive,
} from '../src/log/archive-verify.ts';
import { type Policy, parsePolicy } from '../src/log/policy.ts';
import { utf8 } from '../src/protocol/bytes.ts';
import { MODERATORS } from '../src/protocol/labels.ts';
import { agent, crypto, SampleLog, START, stream } from './sample-log.ts';

export const agents = {
  alice: agent('alice'),
  bob: agent('bob'),
  carol: agent('carol'),
  mallory: agent('mallory'),
};
const { alice, bob, carol } = agents;

type Options = Partial<VerifyArchiveOptions>;

export function verify(archive: Uint8Array, options: Options = {}): Promise<ArchiveReport> {
  const now = (START + 1000) * 1000;
  return verifyArchive(stream(archive), { crypto, now, ...options });
}

/** The exit code, and the indices or messages of the findings that have it. */
export async function verdict(archive: Uint8Array | SampleLog, options: Options = {}) {
  const bytes = archive instanceof SampleLog ? await archive.archive() : archive;
  const { code, findings } = await verify(bytes, options);
  return [
    code,
    ...findings.filter((one) => one.code === code && code !== 0).map((one) => one.index),
  ];
}

export function policy(...lines: string[]): Policy {
  const result = parsePolicy(utf8(`${lines.join('\n')}\n`), crypto);
  if (!result.ok) throw new Error(result.detail);
  return result.policy;
}

/** Ten entries: founding, words, a vote, an edit, a deletion that erased two bodies, and moderation. */
export function sample() {
  const log = SampleLog.founded(alice);
  const post = log.post(bob, 'A post');
  const note = { type: 'Note', content: 'why', mediaType: 'text/plain', inReplyTo: post.name };
  const comment = log.add(carol, { type: 'Create', object: note });
  const vote = log.add(carol, { type: 'Like', object: post.name });
  const words = { type: 'Article', name: 'An edited post', content: 'x', mediaType: 'text/plain' };
  const update = log.add(bob, { type: 'Update', target: post.name, object: words });
  const other = log.post(bob, 'Another post');
  const deleted = log.add(bob, { type: 'Delete', object: post.name });
  log.add(alice, { type: 'Add', object: carol.did, target: MODERATORS });
  log.add(carol, { type: 'Remove', object: other.name, origin: log.submolt });
  log.add(carol, { type: 'Undo', object: vote.name });
  log.erase(post, deleted.index);
  log.erase(update, deleted.index);
  return { log, post, comment, vote, update, other, deleted };
}

// A log with something of everything that an archive can have: the same bytes in every run.
import { COSIGNATURE_V1, formatVerifierKey, noteSigner } from '../src/log/note-key.ts';
import { utf8 } from '../src/protocol/bytes.ts';
import { reasonOf } from '../src/protocol/erasure-grounds.ts';
import type { JsonObject } from '../src/protocol/json.ts';
import { LOCKED, MODERATORS } from '../src/protocol/labels.ts';
import { agents, policy } from './archive-verdict.ts';
import { delegation } from './delegations.ts';
import { RotatingAgent } from './rotating-agent.ts';
import { cosign, crypto, SampleLog, START, webAgent } from './sample-log.ts';
import { headOf, placeFounding, stateHead } from './system-proofs.ts';

const { alice, bob, carol, mallory } = agents;
const NOW = START * 1000;

const witnesses = ['w1', 'w2'].map((name) =>
  noteSigner(`${name}.example`, COSIGNATURE_V1, crypto.sha256(utf8(name)), crypto),
);

const fullPolicy = `${witnesses
  .map((key, i) => `witness w${i + 1} ${formatVerifierKey(key)}\n`)
  .join('')}group both all w1 w2\nquorum both\n`;

/** Both witnesses of the full archive, asked for. */
export const verifierPolicy = () => policy(...fullPolicy.trimEnd().split('\n'));

/**
 * Posts, comments, votes, edits, deletions by author, moderator and home, a ban, labels, reports, a chain of delegations, an
 * author with a domain and one whose keys change; `withdrawn` leaves out a body that the log has not erased.
 */
export function fullLog({ withdrawn = false } = {}): SampleLog {
  const log = SampleLog.founded(alice);
  const words = (name: string, more: JsonObject = {}) => ({
    ...{ type: 'Article', name, content: 'é "\\" 🌊\n\t\u2028', mediaType: 'text/plain' },
    ...more,
  });
  const note = (inReplyTo: string, content: string) => ({
    ...{ type: 'Note', content, mediaType: 'text/plain', inReplyTo },
  });
  const web = webAgent('author.example');
  log.add(alice, { type: 'Add', object: carol.did, target: MODERATORS });
  const tags = { tag: [{ type: 'Hashtag', name: '#tide' }], url: 'https://tides.example/' };
  const post = log.add(bob, { type: 'Create', object: words('=Spring', tags), seq: 1 });
  const comment = log.add(web, { type: 'Create', object: note(post.name, 'First.') });
  const vote = log.add(carol, { type: 'Like', object: post.name });
  log.add(carol, { type: 'Undo', object: vote.name });
  log.add(carol, { type: 'Dislike', object: comment.name });
  const previous = post.name;
  log.add(bob, { type: 'Update', target: post.name, object: words('Edited'), seq: 2, previous });
  // An identity whose key changes in between.
  const eve = new RotatingAgent('eve', 'node.example', NOW);
  const byEve = (draft: JsonObject) => {
    const { bytes } = eve.make({ audience: log.submolt, ...draft }, NOW);
    return log.push(bytes, draft.type as 'Create');
  };
  log.push(eve.statement(NOW).bytes, 'Add');
  byEve({ type: 'Create', object: words('Under the first key') });
  log.push(eve.rotate(NOW).statement(NOW).bytes, 'Add');
  byEve({ type: 'Create', object: note(post.name, 'Under the second.') });
  // bob's delegate, and that one's own.
  const give = (by: typeof bob, to: typeof bob, parentCapability?: typeof post.name) => {
    const draft = delegation(to.did, parentCapability ? { parentCapability } : {});
    const { bytes, name } = log.sign(by, draft as unknown as JsonObject);
    log.push(bytes, 'Add');
    return name;
  };
  const link = give(bob, carol);
  const instrument = give(carol, mallory, link);
  const other = log.add(mallory, { type: 'Create', object: words('For bob'), instrument });
  log.add(mallory, { type: 'Like', object: comment.name, instrument });
  const report = log.add(mallory, { type: 'Flag', object: comment.name, content: 'look' });
  log.add(carol, { type: 'Add', object: post.name, target: LOCKED });
  const ban = log.add(carol, { type: 'Block', object: mallory.did, target: log.submolt });
  log.add(alice, { type: 'Undo', object: ban.name });
  log.add(carol, { type: 'Remove', object: other.name, origin: log.submolt });
  const gone = ['by its author', 'by a moderator', 'by the home'].map((name) =>
    log.post(bob, name),
  );
  const edit = log.add(bob, { type: 'Update', target: gone[0]!.name, object: words('Other') });
  const reply = log.add(web, { type: 'Create', object: note(gone[1]!.name, 'To be gone.') });
  for (const [i, by] of [bob, carol, log.node].entries()) {
    const { index } = log.add(by, {
      ...{ type: 'Delete', object: gone[i]!.name },
      ...(by === log.node ? { reason: reasonOf('gdpr') } : {}),
    });
    log.erase(gone[i]!, index);
    if (i === 0) log.erase(edit, index);
  }
  log.erase(reply, log.add(web, { type: 'Delete', object: reply.name }).index);
  // Of an act that does more than speak something remains.
  log.erase(report, log.add(mallory, { type: 'Delete', object: report.name }).index);
  const last = log.post(web, 'The last');
  log.add(web, { type: 'Follow', object: log.submolt });
  if (withdrawn) {
    const draft = { type: 'Delete', object: last.name, origin: log.submolt };
    const { bytes } = log.sign(mallory, { ...draft, reason: reasonOf('legal') });
    log.erase(last, 0);
    log.change(last.index, { erasedBy: null, withdrawal: bytes });
  }
  return log;
}

/** Its archive, cosigned by both witnesses, with older checkpoints, a head that the home has stated, and a suggested policy. */
export async function fullArchive(log = fullLog()): Promise<Uint8Array> {
  const cosigned = (size: number) =>
    witnesses.reduce(
      (note, witness) => cosign(note, witness, START + size + 1),
      log.checkpoint(size),
    );
  return log.archive({
    checkpoint: cosigned(log.entries.length),
    history: [
      { day: '2026-09-21', note: cosigned(4) },
      { day: '2026-09-22', note: log.checkpoint(20) },
    ],
    systemFounding: await placeFounding(log, witnesses[0]!),
    systemHead: await stateHead(headOf(log, 12), witnesses[0]!),
    policy: `log ${formatVerifierKey(log.signer)}\n${fullPolicy}`,
  });
}

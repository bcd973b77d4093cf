// What nodes know of an identity, beside what the agent has: for `key show`.
import { connect } from '../client/connection.ts';
import { ClientError } from '../client/error.ts';
import { hostOf } from '../client/identity-version.ts';
import type { AgentKey } from '../client/keys.ts';
import { compareDidLogs, type DidLogComparison, fetchDidLog } from '../client/known-did-log.ts';
import type { Crypto } from '../protocol/crypto.ts';
import { didWebvhToUrl } from '../protocol/did.ts';
import type { DidLog } from '../protocol/did-log.ts';
import { MAX_LOG_LENGTH } from '../protocol/did-log-entry.ts';
import type { Terminal } from './terminal.ts';

/** How the log that a node has stands to the agent's own. */
export interface NodeKnowledge {
  readonly url: string;
  readonly knows: DidLogComparison | 'nothing' | 'unreachable';
  readonly version: number | null;
}

const WORDS: Readonly<Record<NodeKnowledge['knows'], string>> = {
  same: 'knows this version',
  older: 'knows an earlier version; the next act there tells it, or: exuvia key publish',
  newer: 'knows a LATER version. If it is not yours, recover: exuvia key recover',
  forked:
    'knows ANOTHER history of this DID and keeps it. If it is not yours, recover: exuvia key recover',
  nothing: 'does not know this agent; the first act there tells it, or: exuvia key publish',
  unreachable: 'does not answer',
};

export function knowledgeLine({ url, knows, version }: NodeKnowledge): string {
  return `node      ${url} ${WORDS[knows]}${version === null ? '' : ` (version ${version})`}`;
}

/** How many versions more the log has room for, if they are like those it has. */
export function roomIn(didLog: string): number {
  const lines = didLog.trimEnd().split('\n').length;
  return Math.max(0, Math.floor((MAX_LOG_LENGTH - didLog.length) / (didLog.length / lines)));
}

/** Asks the node at `origin`, and the one that hosts the DID if that is another. */
export function askNodes(
  mine: DidLog,
  origin: string,
  terminal: Terminal,
  key: AgentKey,
  crypto: Crypto,
): Promise<NodeKnowledge[]> {
  const home = new URL(didWebvhToUrl(mine.did) ?? origin);
  // A node on plain http is the only one that hosts DIDs under that name.
  if (home.hostname === 'localhost') home.protocol = 'http:';
  const same = hostOf(home.origin) === hostOf(origin);
  const urls = same ? [origin] : [origin, home.origin];
  return Promise.all(urls.map((url) => ask(mine, url, terminal, key, crypto)));
}

async function ask(
  mine: DidLog,
  url: string,
  { now, random }: Terminal,
  key: AgentKey,
  crypto: Crypto,
): Promise<NodeKnowledge> {
  const { send } = connect({ origin: url, key, crypto, now, random, attempts: 1 });
  try {
    const theirs = await fetchDidLog(mine.scid, send, crypto);
    if (theirs === null) return { url, knows: 'nothing', version: null };
    const knows = compareDidLogs(mine, theirs.log);
    return { url, knows, version: theirs.log.versions.length };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return { url, knows: 'unreachable', version: null };
  }
}

// admin peers: the nodes this one exchanges logs with, and what their operator thinks of them.
import type { Command } from 'commander';
import { readBeginning, readOpen } from '../client/read-open.ts';
import { parseObject } from '../client/signed-fetch.ts';
import { utf8 } from '../protocol/bytes.ts';
import { type Did, parseDid, urlToDidWeb } from '../protocol/did.ts';
import { type AdminOptions, adminOptions, operator } from './operator.ts';
import { CommandError, print, type Terminal, wrongCall } from './terminal.ts';

interface PeerState {
  readonly did: string;
  readonly url: string;
  readonly [key: string]: unknown;
}

interface State {
  readonly peers: readonly PeerState[];
  readonly held: readonly { readonly log: string }[];
  readonly standings: readonly { readonly node: string }[];
}

type Word = 'allow' | 'deny' | 'forget';

export function addPeers(admin: Command, terminal: Terminal): void {
  const peers = adminOptions(admin.command('peers'))
    .description('list the nodes this one exchanges logs with, and what was decided about nodes')
    .action(async (options: AdminOptions) => {
      const { json } = await operator(terminal, options);
      const { value } = await json<State>({ method: 'GET', path: '/federation/peers' });
      const lines = [
        ...value.held.map((log) => `HELD ${JSON.stringify(log)}`),
        ...value.standings.map((standing) => `DECIDED ${JSON.stringify(standing)}`),
        ...value.peers.map((peer) => JSON.stringify(peer)),
      ];
      print(terminal, options, value, lines.length > 0 ? lines : ['No peers yet.']);
    });
  const argument = 'its DID, its URL, its host, or *.HOST for every node below a host';

  adminOptions(peers.command('allow'))
    .description('take from a node as much as from those whose submolts are carried here')
    .argument('<node>', argument)
    .action((node: string, _: object, command: Command) =>
      decide(terminal, optionsOf(command), { node, word: 'allow', objects: null }),
    );
  adminOptions(peers.command('quota'))
    .description('as allow, but at most so many objects in a day')
    .argument('<node>', argument)
    .argument('<objects>', 'a number from 0 on')
    .action((node: string, objects: string, _: object, command: Command) => {
      if (!/^\d{1,9}$/.test(objects)) throw wrongCall(`${objects} is no number of objects.`);
      return decide(terminal, optionsOf(command), {
        node,
        word: 'allow',
        objects: Number(objects),
      });
    });
  adminOptions(peers.command('deny'))
    .description(
      'exchange nothing with a node: it is answered nothing and sent nothing; what is here of it stays',
    )
    .argument('<node>', argument)
    .action((node: string, _: object, command: Command) =>
      decide(terminal, optionsOf(command), { node, word: 'deny', objects: null }),
    );
  adminOptions(peers.command('forget'))
    .description('take back what was decided about a node')
    .argument('<node>', argument)
    .action((node: string, _: object, command: Command) =>
      decide(terminal, optionsOf(command), { node, word: 'forget', objects: null }),
    );
}

/** Both commands know --data and --json, and it does not matter behind which they stand. */
function optionsOf(command: Command): AdminOptions {
  return command.optsWithGlobals<AdminOptions>();
}

const DONE: Readonly<Record<Word, string>> = {
  allow: 'Allowed',
  deny: 'Denied',
  forget: 'Nothing is decided any more about',
};

async function decide(
  terminal: Terminal,
  options: AdminOptions,
  { node: text, objects, word }: { node: string; word: Word; objects: number | null },
): Promise<void> {
  const node = await nodeOf(text);
  const { json } = await operator(terminal, options);
  const body = utf8(JSON.stringify({ node, standing: word, objects }));
  const { value } = await json<object>({ method: 'POST', path: '/federation/standings', body });
  const quota = objects === null ? '' : `, ${objects} objects a day`;
  print(terminal, options, value, [`${DONE[word]} ${node}${quota}.`]);
}

/** A node on loopback is a did:key of its own choice, so it is asked. */
async function nodeOf(text: string): Promise<string> {
  if (text.startsWith('did:')) return text;
  if (text.startsWith('*.')) return `did:web:${text.toLowerCase()}`;
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  if (url?.protocol === 'https:') {
    const did = urlToDidWeb(`${url.origin}/.well-known/did.json`);
    if (did !== null) return did;
  }
  if (url?.protocol !== 'http:')
    throw wrongCall(`${text} names no node; a host without a scheme is one on https.`);
  return askWho(url.origin);
}

async function askWho(origin: string): Promise<Did> {
  const answer = await readOpen(`${origin}/.well-known/exuvia`).catch(() => null);
  const text = answer?.ok ? await readBeginning(answer) : '';
  const said = (parseObject(utf8(text)) as { did?: unknown } | null)?.did;
  const did = typeof said === 'string' ? parseDid(said) : null;
  if (did === null) {
    throw new CommandError(`${origin} does not say who it is.`, { remedy: 'Give its DID.' });
  }
  return did;
}

// What ActivityPub software finds at a node that answers it: addresses that lead to each other, and the signed bytes inside.
import { toBase64url, utf8 } from '../protocol/bytes.ts';
import { idOf, type ObjectName } from '../protocol/object-name.ts';
import {
  type Case,
  describeAnswer,
  every,
  expectRefusal,
  expectSuccess,
  failed,
  holds,
  type Outcome,
} from './conformance-case.ts';
import type { Answer, Field } from './conformance-exchange.ts';
import type { Live } from './conformance-live.ts';

const group = 'ActivityPub';
const ACCEPT: Field = ['Accept', 'application/activity+json'];
const OFF: Outcome = { kind: 'skipped', reason: 'the node does not answer ActivityPub software' };

type Json = Readonly<Record<string, unknown>>;

/** Of an act of the stage, or of the node's own answer; left out at a node that has nothing of it. */
function caseOf(
  name: string,
  run: (live: Live, of: (act: string) => ObjectName) => Promise<Outcome>,
): Case {
  return {
    group,
    name,
    async run(live) {
      if ((await live.open('/.well-known/nodeinfo')).status === 404) return OFF;
      const { of } = await live.stage();
      return run(live, of);
    },
  };
}

const read = (live: Live, path: string) => live.open(path, [ACCEPT]);
const slugOf = ({ tag }: Live) => `conformance-${tag}`;

function members(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function isAt(answer: Answer, id: string, type: string): Outcome {
  const { json } = answer;
  const found = `${json?.type} ${json?.id}`;
  return holds(
    json?.id === id && json.type === type,
    `${type} ${id}`,
    json ? found : describeAnswer(answer),
  );
}

async function post(live: Live, activity: object): Promise<Answer> {
  const body = utf8(JSON.stringify(activity));
  const fields: Field[] = [
    ['Host', live.authority],
    ['Content-Type', 'application/activity+json'],
    ['Content-Length', String(body.length)],
  ];
  return live.ask(() => ({ method: 'POST', target: '/inbox', fields, body }));
}

export const ACTIVITYPUB_CASES: readonly Case[] = [
  caseOf('WebFinger leads from the account of a submolt to its actor', async (live) => {
    const account = `acct:${slugOf(live)}@${live.authority}`;
    const path = `/.well-known/webfinger?resource=${encodeURIComponent(account)}`;
    const answer = await live.open(path);
    const links: unknown[] = Array.isArray(answer.json?.links) ? answer.json.links : [];
    const self = links.map(members).find(({ rel }) => rel === 'self');
    const id = `${live.node.origin}/c/${slugOf(live)}`;
    return every(
      expectSuccess(answer, 200, live),
      holds(answer.json?.subject === account, account, `${answer.json?.subject}`),
      holds(self?.href === id, id, `${self?.href}`),
    );
  }),
  caseOf('WebFinger knows nobody of another host', async (live) =>
    expectRefusal(
      await live.open(`/.well-known/webfinger?resource=acct:${slugOf(live)}@elsewhere.example`),
      'not_found',
      live,
    ),
  ),
  caseOf('NodeInfo names the software and the protocol', async (live) => {
    const links = (await live.open('/.well-known/nodeinfo')).json?.links;
    const [first] = Array.isArray(links) ? links.map(members) : [];
    const url = URL.parse(String(first?.href));
    const info = url === null ? null : (await live.open(url.pathname)).json;
    const protocols = info?.protocols;
    const named = Array.isArray(protocols) && protocols.includes('activitypub');
    return holds(
      named && typeof members(info?.software).name === 'string',
      'software.name, and activitypub among protocols',
      JSON.stringify(info),
    );
  }),
  caseOf('a submolt is a Group with an inbox and both keys', async (live) => {
    const id = `${live.node.origin}/c/${slugOf(live)}`;
    const answer = await read(live, `/c/${slugOf(live)}`);
    const { assertionMethod, inbox, publicKey } = answer.json ?? {};
    const keys = Array.isArray(assertionMethod) ? assertionMethod : [assertionMethod];
    return every(
      isAt(answer, id, 'Group'),
      holds(typeof inbox === 'string', 'an inbox', `${inbox}`),
      holds(members(publicKey).owner === id, 'an RSA key of its own', JSON.stringify(publicKey)),
      holds(members(keys[0]).controller === id, 'a Multikey of its own', JSON.stringify(keys)),
    );
  }),
  caseOf(
    'the view of a post has the signed bytes, and its address their hash',
    async (live, of) => {
      const id = idOf(of('post'));
      const answer = await read(live, `/a/${id}`);
      const { content } = members(answer.json?.source);
      const bytes = utf8(String(content));
      const signed = await live.open(`/.well-known/ni/sha-256/${id}`);
      return every(
        isAt(answer, `${live.node.origin}/a/${id}`, 'Create'),
        holds(toBase64url(live.crypto.sha256(bytes)) === id, id, 'another hash'),
        holds(Buffer.from(signed.bytes).equals(bytes), 'the bytes at /.well-known/ni', 'others'),
      );
    },
  ),
  caseOf('no context of signed objects stands outside of the bytes', async (live, of) => {
    const { json } = await read(live, `/a/${idOf(of('post'))}`);
    const { source: _, ...view } = json ?? {};
    const text = JSON.stringify(view);
    return text.includes('w3id.org/exuvia')
      ? failed('contexts that everybody has', text)
      : holds(true, 'none', '');
  }),
  caseOf(
    'a post is an Article with its latest words, a comment a Note with what it answers',
    async (live, of) => {
      const url = (act: string) => `${live.node.origin}/o/${idOf(of(act))}`;
      const article = await read(live, `/o/${idOf(of('post'))}`);
      const note = await read(live, `/o/${idOf(of('comment'))}`);
      return every(
        isAt(article, url('post'), 'Article'),
        holds(
          article.json?.name === 'The post, edited',
          'the edited title',
          `${article.json?.name}`,
        ),
        isAt(note, url('comment'), 'Note'),
        holds(note.json?.inReplyTo === url('post'), url('post'), `${note.json?.inReplyTo}`),
      );
    },
  ),
  caseOf(
    'what is deleted or removed is a Tombstone, what was put back is there',
    async (live, of) => {
      const gone = ['comment to be deleted', 'post to be removed'].map(async (act) => {
        const answer = await read(live, `/o/${idOf(of(act))}`);
        const { status } = answer;
        return every(
          holds(status === 410, '410', `${status}`),
          holds(answer.json?.type === 'Tombstone', 'a Tombstone', `${answer.json?.type}`),
        );
      });
      const back = await read(live, `/o/${idOf(of('post to be put back'))}`);
      return every(...(await Promise.all(gone)), expectSuccess(back, 200, live));
    },
  ),
  caseOf('an outbox has posts', async (live) => {
    const { json } = await read(live, `/c/${slugOf(live)}/outbox`);
    const first = URL.parse(String(json?.first));
    const page = first && (await read(live, first.pathname + first.search)).json;
    const items: unknown[] = Array.isArray(page?.orderedItems) ? page.orderedItems : [];
    return every(
      holds(json?.type === 'OrderedCollection', 'an OrderedCollection', `${json?.type}`),
      holds(items.length > 0, 'entries on its first page', `${items.length}`),
    );
  }),
  caseOf('a Follow without a signature is refused', async (live) => {
    const [actor, object] = [
      'https://elsewhere.example/u',
      `${live.node.origin}/c/${slugOf(live)}`,
    ];
    const answer = await post(live, { id: `${actor}/1`, type: 'Follow', actor, object });
    return expectRefusal(answer, 'foreign_signature_missing', live);
  }),
  caseOf('a Note from elsewhere is refused', async (live) => {
    const actor = 'https://elsewhere.example/u';
    const object = { id: `${actor}/2`, type: 'Note', content: 'x' };
    const answer = await post(live, { id: `${actor}/1`, type: 'Create', actor, object });
    return expectRefusal(answer, 'unproven_act', live);
  }),
];

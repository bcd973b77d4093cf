// Messages between two agents of the node: asked for, taken up, kept for the two alone, and refused where the rules say so.
import { draftProfile } from '../client/drafts.ts';
import type { AgentKey } from '../client/keys.ts';
import { agreementKeysFor, derivedSecret } from '../protocol/agreement-key.ts';
import { utf8 } from '../protocol/bytes.ts';
import { buildDidKeyDocument } from '../protocol/did-document.ts';
import type { EnvelopeDraft, LetterDraft } from '../protocol/envelope.ts';
import type { JsonObject } from '../protocol/json.ts';
import type { ConversationView, MailboxView, MessageView } from '../protocol/message-views.ts';
import { didKeyResolver } from '../protocol/object.ts';
import { idOf, nameFromHash, type ObjectName } from '../protocol/object-name.ts';
import { openLetter, sealLetter } from '../protocol/sealed-letter.ts';
import {
  type SignedEnvelope,
  signEnvelope,
  signLetter,
  verifyEnvelope,
} from '../protocol/signed-envelope.ts';
import {
  type Case,
  every,
  expectRefusal,
  expectSuccess,
  failed,
  holds,
  type Outcome,
} from './conformance-case.ts';
import type { Answer } from './conformance-exchange.ts';
import type { Live } from './conformance-live.ts';

const group = 'messages';
const MESSAGES = '/api/v1/messages';
const CONVERSATIONS = '/api/v1/conversations';

/** An agent of this group, which has joined. */
async function person(live: Live, name: string): Promise<AgentKey> {
  const agent = live.agent(`writer ${name}`);
  const profile = await live.read(agent, `/api/v1/agents/${agent.did}`);
  if (profile.status === 404) await live.submit(agent, draftProfile({ name }));
  return agent;
}

async function letter(
  live: Live,
  from: AgentKey,
  to: AgentKey,
  content: string,
  place: Partial<LetterDraft> = {},
) {
  const { crypto, random } = live;
  const signed = signLetter(
    {
      type: 'Create',
      to: [to.did],
      seq: 0,
      ...place,
      object: { type: 'Note', content, mediaType: 'text/plain' },
    },
    { ...from, created: live.instant() },
    crypto,
  );
  const readers = [to, from].flatMap(({ did }) => {
    const keys = agreementKeysFor(buildDidKeyDocument(did), did, crypto);
    return keys.ok ? keys.keys : [];
  });
  const text = await sealLetter(signed, readers, { crypto, random });
  return { type: 'Document', mediaType: 'application/jose+json', content: text } as const;
}

function envelope(live: Live, from: AgentKey, draft: JsonObject): SignedEnvelope {
  const whole = { origin: live.node.did, ...draft } as unknown as EnvelopeDraft;
  return signEnvelope(whole, { ...from, created: live.instant() }, live.crypto);
}

async function offer(live: Live, from: AgentKey, to: AgentKey, content = 'May I?') {
  const object = await letter(live, from, to, content);
  return envelope(live, from, { type: 'Offer', to: [to.did], object });
}

function send(
  live: Live,
  as: AgentKey,
  { object }: Pick<SignedEnvelope, 'object'>,
): Promise<Answer> {
  const body = utf8(JSON.stringify({ envelope: object }));
  return live.ask(() => live.signed(as, { method: 'POST', target: MESSAGES, body }));
}

/** A conversation that both have; gives its name. */
async function converse(live: Live, from: AgentKey, to: AgentKey): Promise<ObjectName> {
  const asked = await offer(live, from, to);
  await send(live, from, asked);
  const accept = envelope(live, to, { type: 'Accept', to: [from.did], object: asked.name });
  await send(live, to, accept);
  return asked.name;
}

async function read<T>(live: Live, agent: AgentKey, target: string): Promise<T> {
  const answer = await live.read(agent, target);
  if (answer.status !== 200) throw new Error(`${target}: ${answer.status} ${answer.code ?? ''}`);
  return answer.json as T;
}

const CASES: readonly (readonly [name: string, run: (live: Live) => Promise<Outcome>])[] = [
  [
    'are asked for, taken up, and read by the two alone',
    async (live) => {
      const [ada, bob] = [await person(live, 'ada'), await person(live, 'bob')];
      const asked = await offer(live, ada, bob, 'The words.');
      const first = await send(live, ada, asked);
      const { mailbox } = await read<{ mailbox: MailboxView }>(live, bob, MESSAGES);
      const accept = { type: 'Accept', to: [ada.did], object: asked.name };
      const taken = await send(live, bob, envelope(live, bob, accept));
      const page = await read<{ conversation: ConversationView; messages: readonly MessageView[] }>(
        live,
        bob,
        `${CONVERSATIONS}/${idOf(asked.name)}`,
      );
      const [message] = page.messages;
      if (message === undefined) return failed('the Offer', 'nothing');
      const context = { crypto: live.crypto, resolveKey: didKeyResolver };
      const verified = await verifyEnvelope(message.envelope, context);
      if (!verified.ok) return failed('the envelope as it was sent', verified.detail);
      const secret = derivedSecret(bob.did, bob.seed, live.crypto);
      const opened = await openLetter(verified.verified, [secret], context);
      return every(
        expectSuccess(first, 201, live),
        expectSuccess(taken, 201, live),
        holds(mailbox.pending_request_count === 1, 'one request', JSON.stringify(mailbox)),
        holds(page.conversation.state === 'open', 'open', page.conversation.state),
        holds(verified.verified.name === asked.name, asked.name, verified.verified.name),
        holds(opened.ok && opened.letter.object.content === 'The words.', 'the words', 'others'),
        expectRefusal(
          await live.read(await person(live, 'eve'), `${MESSAGES}/${idOf(asked.name)}`),
          'conversation_unknown',
          live,
        ),
      );
    },
  ],
  [
    'come once, however often they are sent',
    async (live) => {
      const [cyn, dot] = [await person(live, 'cyn'), await person(live, 'dot')];
      const asked = await offer(live, cyn, dot);
      const answers = [await send(live, cyn, asked), await send(live, cyn, asked)];
      const { conversations } = await read<{ conversations: unknown[] }>(live, dot, CONVERSATIONS);
      return every(
        expectSuccess(answers[1] as Answer, 200, live),
        holds(conversations.length === 1, 'one conversation', String(conversations.length)),
      );
    },
  ],
  [
    'are refused before a conversation is open, and after it was declined',
    async (live) => {
      const [fay, gus] = [await person(live, 'fay'), await person(live, 'gus')];
      const asked = await offer(live, fay, gus);
      await send(live, fay, asked);
      const context = asked.name;
      const early = await letter(live, fay, gus, 'Now?', { context, seq: 1, previous: context });
      const draft = { type: 'Create', to: [gus.did], context, object: early };
      const refused = await send(live, fay, envelope(live, fay, draft));
      const reject = { type: 'Reject', to: [fay.did], object: context };
      await send(live, gus, envelope(live, gus, reject));
      return every(
        expectRefusal(refused, 'conversation_closed', live),
        expectRefusal(await send(live, fay, await offer(live, fay, gus)), 'contact_refused', live),
      );
    },
  ],
  [
    'are refused of whoever is blocked, as of whoever was declined',
    async (live) => {
      const [hal, ida] = [await person(live, 'hal'), await person(live, 'ida')];
      const body = utf8(JSON.stringify({ did: hal.did }));
      const block = { method: 'POST', target: '/api/v1/blocks', body } as const;
      const blocked = await live.ask(() => live.signed(ida, block));
      return every(
        expectSuccess(blocked, 200, live),
        expectRefusal(await send(live, hal, await offer(live, hal, ida)), 'contact_refused', live),
      );
    },
  ],
  [
    'are the sender’s own, by this node, to somebody who is here',
    async (live) => {
      const [jon, kim] = [await person(live, 'jon'), await person(live, 'kim')];
      const asked = await offer(live, jon, kim);
      const stranger = live.agent('writer nobody');
      const object = asked.object.object as JsonObject;
      const elsewhere = { type: 'Offer', to: [kim.did], object, origin: stranger.did };
      const changed = { object: { ...asked.object, to: [stranger.did] } };
      return every(
        expectRefusal(await send(live, kim, asked), 'not_sender', live),
        expectRefusal(await send(live, jon, envelope(live, jon, elsewhere)), 'other_node', live),
        expectRefusal(await send(live, jon, changed), 'proof_invalid', live),
        expectRefusal(
          await send(live, jon, await offer(live, jon, stranger)),
          'recipient_unknown',
          live,
        ),
        expectRefusal(
          await send(live, stranger, await offer(live, stranger, kim)),
          'not_joined',
          live,
        ),
      );
    },
  ],
  [
    'are sealed as the specification says, or refused',
    async (live) => {
      const [lou, meg] = [await person(live, 'lou'), await person(live, 'meg')];
      const { content, ...document } = await letter(live, lou, meg, 'Sealed.');
      const jwe = JSON.parse(content) as JsonObject;
      const texts = ['Not sealed.', '{}', `${content} `, JSON.stringify({ ...jwe, aad: '' })];
      const outcomes: Outcome[] = [];
      for (const text of texts) {
        const draft = { type: 'Offer', to: [meg.did], object: { ...document, content: text } };
        const answer = await send(live, lou, envelope(live, lou, draft));
        outcomes.push(expectRefusal(answer, 'malformed', live));
      }
      return every(...outcomes);
    },
  ],
  [
    'are in conversations of the two, and in no log',
    async (live) => {
      const [ned, pia, eve] = [
        await person(live, 'ned'),
        await person(live, 'pia'),
        await person(live, 'eve'),
      ];
      const context = await converse(live, ned, pia);
      const place = { context, seq: 0 };
      const strange = await letter(live, eve, pia, 'Me too.', place);
      const draft = { type: 'Create', to: [pia.did], context, object: strange };
      const unknown = nameFromHash(live.random(32));
      const asked = await offer(live, ned, eve);
      return every(
        expectRefusal(
          await send(live, eve, envelope(live, eve, draft)),
          'conversation_unknown',
          live,
        ),
        expectRefusal(
          await live.read(ned, `${CONVERSATIONS}/${idOf(unknown)}`),
          'conversation_unknown',
          live,
        ),
        expectRefusal(
          await live.open(`/.well-known/ni/sha-256/${idOf(context)}`),
          'not_found',
          live,
        ),
        expectRefusal(await live.post(ned, asked.bytes), 'unknown_type', live),
      );
    },
  ],
  [
    'are deleted by each for itself, and do not come back',
    async (live) => {
      const [rae, sue] = [await person(live, 'rae'), await person(live, 'sue')];
      const asked = await offer(live, rae, sue);
      await send(live, rae, asked);
      const target = `${CONVERSATIONS}/${idOf(asked.name)}`;
      const gone = await live.ask(() => live.signed(sue, { method: 'DELETE', target }));
      await send(live, rae, asked);
      return every(
        expectSuccess(gone, 200, live),
        expectRefusal(await live.read(sue, target), 'conversation_unknown', live),
        expectSuccess(await live.read(rae, target), 200, live),
      );
    },
  ],
];

export const MESSAGE_CASES: readonly Case[] = CASES.map(([name, run]) => ({ group, name, run }));

// What becomes of a request that has been let in: its agent found, its route run, its failure put into words.
import { createHash } from 'node:crypto';
import { leaks, textsIn } from '../client/secrets.ts';
import { type Answer, BridgeError, refused } from './answer.ts';
import type { Ask } from './ask.ts';
import type { Desk } from './desk.ts';
import { dialectOf, unprefixed } from './dialect.ts';
import { answerFailure } from './failure.ts';
import { type Keyring, recordOf } from './keyring.ts';
import { RateFields, type Rates } from './rates.ts';
import type { Registrar } from './registrar.ts';
import { findPlace } from './routes.ts';

export interface Incoming {
  readonly method: string;
  readonly target: string;
  readonly authorization: string | undefined;
  readonly userAgent: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly body: Buffer;
}

export interface Dispatched {
  readonly answer: Answer;
  /** Fields to pass on, by lower-case name. */
  readonly fields: ReadonlyMap<string, string>;
  /** To be called when the answer has gone out. */
  readonly sent: () => void;
}

export interface DispatchOptions {
  readonly keyring: Keyring;
  readonly registrar: Registrar;
  readonly rates: Rates;
  /** Says a line to whoever runs the bridge. */
  readonly tell: (line: string) => void;
}

const REGISTER = '/agents/register';

export async function dispatch(incoming: Incoming, options: DispatchOptions): Promise<Dispatched> {
  const noted = new RateFields();
  const { fields } = noted;
  let sent = () => {};
  try {
    const answer = await options.rates.run(noted, async () => {
      const asked = understand(incoming);
      if (asked.path === REGISTER && incoming.method === 'POST') {
        await refuseSecrets(asked, options.keyring);
        return options.registrar.register(asked.body);
      }
      const place = findPlace(incoming.method, asked.segments);
      const desk = await deskOf(incoming, options.keyring);
      if (!('handler' in place)) throw unknownRoute(incoming.method, place);
      await refuseSecrets(asked, options.keyring);
      const { params, handler } = place;
      const key = keyOf(incoming, asked);
      sent = incoming.method === 'GET' ? sent : () => desk.answered(key);
      const { dialect, query, body } = asked;
      const ask: Ask = { desk, dialect, params, query, body, key };
      return handler(ask);
    });
    return { answer, fields, sent };
  } catch (error) {
    const known = answerFailure(error);
    if (known !== null) {
      const wait = known.body.retryAfter;
      if (typeof wait === 'number') fields.set('retry-after', String(wait));
      // Who is told that it failed on the way sends the same again, and means the same.
      return { answer: known, fields, sent: known.status < 500 ? sent : () => {} };
    }
    options.tell(
      `${incoming.method} failed: ${error instanceof Error ? error.stack : String(error)}`,
    );
    return { answer: refused(UNEXPECTED), fields, sent: () => {} };
  }
}

const UNEXPECTED = {
  status: 500,
  code: 'INTERNAL_ERROR',
  error: 'The bridge failed',
  hint: 'Whoever runs it finds the reason where it runs. Sending the same again does nothing twice.',
} as const;

interface Asked {
  readonly path: string;
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly dialect: Ask['dialect'];
}

function understand({ target, userAgent, body }: Incoming): Asked {
  const [whole = '', ...rest] = target.split('?');
  const { path, rooted } = unprefixed(whole);
  // One slash at the end makes no difference.
  const parts = (path.length > 1 ? path.replace(/\/$/, '') : path).split('/');
  return {
    path: parts.join('/'),
    segments: parts.map(decoded),
    query: new URLSearchParams(rest.join('?')),
    body: bodyOf(body),
    dialect: dialectOf(rooted, userAgent),
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw malformed('The path is not percent-encoded UTF-8');
  }
}

function bodyOf(bytes: Buffer): Readonly<Record<string, unknown>> {
  if (bytes.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw malformed('The body is not JSON');
  }
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw malformed('The body is not a JSON object');
  }
  return value as Record<string, unknown>;
}

function malformed(error: string): BridgeError {
  return new BridgeError({
    status: 400,
    code: 'BAD_REQUEST',
    error,
    hint: 'Let a library encode it; in a shell, quote the whole body.',
  });
}

async function deskOf({ authorization }: Incoming, keyring: Keyring): Promise<Desk> {
  const token = /^Bearer +([\x21-\x7e]+)$/i.exec(authorization ?? '')?.[1];
  const record = token === undefined ? undefined : recordOf(await keyring.records(), token);
  if (record === undefined) {
    throw new BridgeError({
      status: 401,
      code: 'UNAUTHORIZED',
      error: token === undefined ? 'No token of this bridge' : 'Not a token of this bridge',
      hint: 'Send Authorization: Bearer and the api_key that POST /agents/register has given; `exuvia bridge tokens` shows it to the user of this machine. A key of Moltbook itself means nothing here.',
    });
  }
  if (!record.used) await keyring.mark(record, { used: true });
  return keyring.desk(record);
}

/** What is asked goes to the node, and what is said to everybody. */
async function refuseSecrets({ body, segments, query }: Asked, keyring: Keyring): Promise<void> {
  const said = textsIn(body);
  if (said === null) throw malformed('The body is nested too deep');
  const texts = [...said, ...segments, ...[...query].flat()];
  if (!leaks(texts, await keyring.secrets())) return;
  throw new BridgeError({
    status: 400,
    code: 'SECRET_IN_REQUEST',
    error: 'A private key or a token of this bridge is in the request',
    hint: 'Nothing was sent. Take it out, and do not repeat it anywhere: whoever has it is you.',
  });
}

function unknownRoute(method: string, methods: readonly string[]): BridgeError {
  if (methods.length === 0) {
    return new BridgeError({
      status: 404,
      code: 'NOT_FOUND',
      error: 'Endpoint not found',
      hint: 'docs/bridge.md lists what there is, under /api/v1 and at the root.',
    });
  }
  return new BridgeError({
    status: 405,
    code: 'BAD_REQUEST',
    error: `There is no ${method} here`,
    hint: `Use ${methods.join(' or ')}.`,
  });
}

/** The same method, path and words are the same request; a client may tell two of these apart by an Idempotency-Key. */
function keyOf({ method, idempotencyKey = '' }: Incoming, { path, body }: Asked): string {
  const parts = [method, path, JSON.stringify(body), idempotencyKey];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

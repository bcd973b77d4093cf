// Examines bodies of an archive by themselves: commitment, object, signature. What depends on the rest of the log is for the caller.
import type { Activity } from '../protocol/activity.ts';
import { toBase64url } from '../protocol/bytes.ts';
import { isDelegation } from '../protocol/delegation-statement.ts';
import { type Did, didMethod } from '../protocol/did.ts';
import { createStatedKeys, isDidLogStatement } from '../protocol/did-log-statement.ts';
import {
  didKeyResolver,
  type KeyResolver,
  type ObjectBytesVerdict,
  type VerifyContext,
  verifyObjectBytes,
} from '../protocol/object.ts';
import { nameOf, type ObjectName } from '../protocol/object-name.ts';
import { type PlainObject, PlainReader } from '../protocol/plain-object.ts';
import { type Allocate, type Body, type BodyBatch, bodiesOf } from './body-batch.ts';
import { commitment } from './entry.ts';
import { type ExaminedBatch, ExaminedColumns } from './examined-batch.ts';

/** A signature whose key depends on where in the log the object stands. */
interface OpenSignature {
  readonly did: Did;
  readonly verificationMethod: string;
  /** What was signed, 64 bytes, and the signature. */
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
}

type Refusal = Extract<ObjectBytesVerdict, { ok: false }>;

export type Examined =
  | { readonly kind: 'unopened' }
  | ({ readonly kind: 'refused' } & Pick<Refusal, 'reason' | 'detail'>)
  | {
      readonly kind: 'valid';
      readonly name: ObjectName;
      /** Without context and proof, which a delegation keeps, and with the words of posts and comments left out. */
      readonly activity: Activity;
      /** Null if the signature holds: the key was in the DID, or in the statement itself. */
      readonly open: OpenSignature | null;
    };

/** A valid body: its signature was the last thing to be looked at. */
export type ValidBody = Omit<Extract<Examined, { kind: 'valid' }>, 'open'>;

/** Which key, by now, an open signature has to be of. */
export interface SignatureCheck extends Pick<OpenSignature, 'data' | 'signature'> {
  readonly publicKey: Uint8Array;
}

export type SignatureVerdict = 'valid' | 'invalid' | 'key_rejected';

/** Does what can be done in any order, so that threads can share it. Answers are in the order of the questions. */
export interface Examiner {
  examine(batch: BodyBatch): Promise<ExaminedBatch>;
  /** Makes the memory of batches, where it is not all the same which. */
  readonly allocate?: Allocate;
  check(signatures: readonly SignatureCheck[]): Promise<readonly SignatureVerdict[]>;
}

type ExaminerCrypto = VerifyContext['crypto'];

/** An examiner on this thread. */
export function createExaminer(crypto: ExaminerCrypto): Examiner {
  const reader = new PlainReader(crypto);
  return {
    async examine(batch) {
      const columns = new ExaminedColumns(batch.commitments.length);
      let i = 0;
      // One by one: what an object is parsed into can go before the next one comes.
      for (const body of bodiesOf(batch)) {
        const plain = readPlain(body, reader, crypto);
        // Nearly all are plain, so there is nearly never anything to wait for.
        if (plain === null) columns.putOther(i, await examineBody(body, crypto));
        else if (plain.publicKey === null) columns.putOther(i, leaveOpen(plain, crypto));
        else
          columns.put(i, crypto.sha256(body.bytes), actOfPlain(plain), plain.seq, plain.previous);
        i += 1;
      }
      return columns.finish();
    },
    async check(signatures) {
      const verdicts: SignatureVerdict[] = [];
      for (const one of signatures) verdicts.push(await checkSignature(one, crypto));
      return verdicts;
    },
  };
}

/** Null for what is not plain, and for whatever is wrong with it: `examineBody` finds the words for that. */
function readPlain(body: Body, reader: PlainReader, crypto: ExaminerCrypto): PlainObject | null {
  const { bytes, c, salt } = body;
  if (toBase64url(commitment(salt, bytes, crypto)) !== c) return null;
  const plain = reader.read(bytes);
  if (plain === null || plain.publicKey === null) return plain;
  // Where a platform makes this a promise, the long way waits for it.
  return crypto.verify(plain.publicKey, plain.data, plain.signature) === true ? plain : null;
}

function leaveOpen(plain: PlainObject, crypto: ExaminerCrypto): Examined {
  const { actor: did, bytes, data, keyId: verificationMethod, signature } = plain;
  const { previous, seq } = plain;
  const activity = {
    ...actOfPlain(plain),
    ...(seq !== undefined && { seq }),
    ...(previous && { previous }),
  };
  const open = { did, verificationMethod, data, signature };
  return { kind: 'valid', name: nameOf(bytes, crypto), activity, open };
}

async function examineBody(body: Body, crypto: ExaminerCrypto): Promise<Examined> {
  const { bytes, c, salt } = body;
  if (toBase64url(commitment(salt, bytes, crypto)) !== c) return { kind: 'unopened' };
  const { open, context } = leavingOpen(crypto);
  const verdict = await verifyObjectBytes(bytes, context);
  if (!verdict.ok) return { kind: 'refused', reason: verdict.reason, detail: verdict.detail };
  const { activity, name } = verdict.object;
  return { kind: 'valid', name, activity: actOf(activity), open: open() };
}

async function checkSignature(
  { data, publicKey, signature }: SignatureCheck,
  crypto: ExaminerCrypto,
): Promise<SignatureVerdict> {
  if (await crypto.verify(publicKey, data, signature)) return 'valid';
  return crypto.acceptsKey(publicKey) ? 'invalid' : 'key_rejected';
}

/** Verifies everything but signatures whose keys are neither in the DID nor in the object: those it hands out. */
function leavingOpen(crypto: ExaminerCrypto): {
  context: VerifyContext;
  open: () => OpenSignature | null;
} {
  let wanted: Pick<OpenSignature, 'did' | 'verificationMethod'> | null = null;
  let open: OpenSignature | null = null;
  const inStatement = createStatedKeys(() => null, crypto, didKeyResolver);
  const resolveKey: KeyResolver = async (did, verificationMethod, activity) => {
    const states = activity !== undefined && isDidLogStatement(activity);
    const method = didMethod(did);
    if (method === 'key' || (method === 'webvh' && states)) {
      return inStatement(did, verificationMethod, activity);
    }
    wanted = { did, verificationMethod };
    return { ok: true, publicKey: NO_KEY };
  };
  const verify: ExaminerCrypto['verify'] = (publicKey, data, signature) => {
    if (wanted === null) return crypto.verify(publicKey, data, signature);
    open = { ...wanted, data, signature };
    return true;
  };
  const { acceptsKey, sha256 } = crypto;
  return { context: { crypto: { acceptsKey, sha256, verify }, resolveKey }, open: () => open };
}

const NO_KEY = new Uint8Array(32);

/** What the rules of a log look at: words would only have to be carried from thread to thread. */
function actOf(activity: Activity): Activity {
  // The key that signed a delegation has to stay one of its delegator's.
  if (isDelegation(activity)) return activity;
  const { '@context': _context, proof: _proof, ...act } = activity;
  const { object } = act;
  if (typeof object === 'string') return act as Activity;
  const { type } = object;
  return { ...act, object: { type } } as Activity;
}

/** The same act as `actOf` gives, less its chain, and when it is said to have been published, which no rule looks at. */
function actOfPlain({ actor, audience, object, type }: PlainObject): Activity {
  const act = { type, actor, audience, object: type === 'Create' ? { type: object } : object };
  return act as unknown as Activity;
}

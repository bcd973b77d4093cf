// The 29 requests of the profile and the request vectors of the Web Bot Auth drafts, through the whole verifier.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vectorPath } from '../../test/vectors.ts';
import { createNodeCrypto } from '../crypto/node.ts';
import { readAgentDirectory } from './agent-directory.ts';
import { utf8 } from './bytes.ts';
import { matchesContentDigest, parseContentDigest } from './content-digest.ts';
import { parseSignatures } from './http-signature.ts';
import { describeCovered, readRequest } from './request-message.ts';
import {
  REQUEST_WINDOW,
  type RequestKeyLookup,
  type RequestPolicy,
  verifyRequest,
} from './request-signature.ts';
import { COMPAT_ALL, type SignatureAgentCompat } from './signature-agent.ts';
import { signatureBase } from './signature-base.ts';

interface Verdict {
  outcome: string;
  reason?: string;
  did?: string;
  verification_method?: string;
}
interface ProfileVector {
  id: string;
  title: string;
  now: number;
  request: {
    method: string;
    request_target: string;
    scheme: 'https';
    headers: [string, string][];
    body: string;
  };
  signed_base: string;
  directory: { url: string; status: number; body: string } | null;
  expected: Verdict;
  expected_strict?: Verdict;
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(vectorPath('http-signatures', name), 'utf8'));
}

const crypto = createNodeCrypto();
const profile = read<{ vectors: ProfileVector[] }>('profile.json').vectors;

function lookupIn(directory: ProfileVector['directory']): RequestKeyLookup {
  return async (url, keyid) => {
    const refuse = (
      reason: 'no_identifier' | 'discovery_failed' | 'key_not_in_directory',
      detail: string,
    ) => ({ ok: false, reason, detail, retryable: false }) as const;
    if (url === null) return refuse('no_identifier', 'no key is held');
    if (url !== directory?.url) return refuse('discovery_failed', 'nothing is there');
    const document = JSON.parse(directory.body);
    const keys = readAgentDirectory({ url, document }, crypto);
    if (!keys.ok) {
      const reason = keys.reason === 'did_document_needed' ? 'did_mismatch' : keys.reason;
      return { ok: false, reason, detail: keys.detail, retryable: false };
    }
    const key = keys.keys.get(keyid);
    return key === undefined ? refuse('key_not_in_directory', keyid) : { ok: true, ...key };
  };
}

function policyAt(now: number, compat: SignatureAgentCompat): RequestPolicy {
  return {
    write: true,
    hasBody: true,
    now,
    ...REQUEST_WINDOW,
    compat,
    loopback: false,
    authorities: ['node.example'],
  };
}

/** As the edge does: the head first, then the body against the covered digest. */
async function runVector(vector: ProfileVector, compat = COMPAT_ALL): Promise<Verdict> {
  const { method, request_target: target, scheme, headers, body } = vector.request;
  const result = await verifyRequest(
    { method, target, scheme, authority: 'node.example', headers },
    policyAt(vector.now, compat),
    lookupIn(vector.directory),
    crypto,
  );
  if (!result.ok) {
    return { outcome: result.outcome, reason: result.reason.replaceAll('_', '-') };
  }
  const stated = parseContentDigest(result.contentDigest ?? '');
  if (!stated.ok || !matchesContentDigest(stated.digest, utf8(body), crypto)) {
    return { outcome: 'invalid', reason: 'content-digest-mismatch' };
  }
  const { did, verificationMethod } = result;
  return { outcome: 'verified', did, verification_method: verificationMethod };
}

function expectation({ outcome, reason, did, verification_method }: Verdict): Verdict {
  return reason === undefined
    ? { outcome, did: did as string, verification_method: verification_method as string }
    : { outcome, reason };
}

describe('the profile', () => {
  it('has the 29 vectors it is known for', () => {
    expect(profile).toHaveLength(29);
  });

  it.each(profile.map((vector) => [vector.id, vector.title, vector] as const))(
    '%s %s',
    async (_id, _title, vector) => {
      expect(await runVector(vector)).toEqual(expectation(vector.expected));
    },
  );

  const strict = profile.filter(({ expected_strict }) => expected_strict);
  it.each(strict.map((vector) => [vector.id, vector] as const))(
    '%s with the older forms switched off',
    async (_id, vector) => {
      const compat = { origin: false, typed: false, string: false, whole_field: false };
      expect(await runVector(vector, compat)).toEqual(
        expectation(vector.expected_strict as Verdict),
      );
    },
  );

  const verified = profile.filter(({ expected }) => expected.outcome === 'verified');
  it.each(verified.map((vector) => [vector.id, vector] as const))(
    '%s has the signature base of the vector',
    (_id, { request, signed_base }) => {
      const { method, request_target: target, scheme, headers } = request;
      const raw = { method, target, scheme, authority: 'node.example', headers };
      const result = readRequest(raw, ['node.example']);
      if (!result.ok) throw new Error(result.detail);
      const field = (name: string) => result.message.fields.get(name) ?? '';
      const parsed = parseSignatures(field('signature-input'), field('signature'));
      if (!parsed.ok) throw new Error(parsed.detail);
      const [candidate] = parsed.value;
      const covered = describeCovered(result.message, candidate!.components);
      const built = signatureBase(covered, candidate!);
      expect(built.ok && new TextDecoder().decode(built.base)).toBe(signed_base);
    },
  );
});

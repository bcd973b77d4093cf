// Cases about the name in the document, and when it may change.
import type { JsonValue } from '../../src/protocol/json.ts';
import { document, type ForgedDidLog } from '../did-log-forge.ts';
import { Cases, first, PARAMETERS, second } from './case.ts';

export const documents = new Cases();
const { bad, ok } = documents;

const DOCUMENT = '§ Read (Resolve), step 6';
{
  const { scid, did } = first();
  const at = (rest: string) => `did:webvh:${scid}:${rest}`;
  const moved = (rest: string, alsoKnownAs: JsonValue | undefined = [did]) => ({
    ...document(at(rest)),
    alsoKnownAs,
  });
  const fixed = first({ parameters: { portable: false } });
  const rename = (log: ForgedDidLog, rest: string) => `did:webvh:${log.scid}:${rest}`;
  const PORTABLE = '§ DID Portability';
  ok(PORTABLE, 'a move to another host', second({ state: moved('elsewhere.example') }));
  ok(
    PORTABLE,
    'a move to another path and back',
    second({ state: moved('agents.example:bob') }).next({
      state: { ...document(did), alsoKnownAs: [at('agents.example:bob')] },
    }),
  );
  ok(PORTABLE, 'the end of portability', second({ parameters: { portable: false } }).next());
  ok(
    '§ Read (Resolve), step 6.3',
    'asked for by the name before a move',
    second({ state: moved('elsewhere.example') }),
    { did },
  );
  bad(`${DOCUMENT}.1`, 'no id', 'document_malformed 1', first({ state: { id: undefined } }));
  bad(
    `${DOCUMENT}.1`,
    'a did:web',
    'document_malformed 1',
    first({ state: { id: 'did:web:agents.example:ada' } }),
  );
  bad(
    '§ Method-Specific Identifier',
    'an id with a fragment',
    'document_malformed 2',
    second({ state: { id: `${did}#key` } }),
  );
  bad(
    '§ Method-Specific Identifier',
    'an IP address as host',
    'document_malformed 2',
    second({ state: moved('192.0.2.1') }),
  );
  bad(
    '§ Method-Specific Identifier',
    'an IP address as host, escaped',
    'document_malformed 2',
    second({ state: moved('%31%39%32.0.2.1') }),
  );
  bad(
    '§ Method-Specific Identifier',
    'a path that climbs',
    'document_malformed 2',
    second({ state: moved('agents.example:%2e%2e:x') }),
  );
  bad(
    PORTABLE,
    'a move of a DID that is not portable',
    'not_portable 2',
    fixed.next({
      state: { ...document(rename(fixed, 'elsewhere.example')), alsoKnownAs: [fixed.did] },
    }),
  );
  const silent = first({ parameters: { portable: undefined } });
  bad(
    `${PARAMETERS}, portable`,
    'a move of a DID that never said it was portable',
    'not_portable 2',
    silent.next({
      state: { ...document(rename(silent, 'elsewhere.example')), alsoKnownAs: [silent.did] },
    }),
  );
  bad(
    `${PARAMETERS}, portable`,
    'a move in the version that ends portability',
    'not_portable 2',
    second({ parameters: { portable: false }, state: moved('elsewhere.example') }),
  );
  bad(
    `${PARAMETERS}, portable`,
    'a move after portability has ended',
    'not_portable 3',
    second({ parameters: { portable: false } }).next({ state: moved('elsewhere.example') }),
  );
  bad(
    PORTABLE,
    'another path of the same host, without the prior name',
    'prior_did_missing 2',
    second({ state: document(at('agents.example:bob')) }),
  );
  bad(
    PORTABLE,
    'a move without the prior name',
    'prior_did_missing 2',
    second({ state: moved('elsewhere.example', []) }),
  );
  bad(
    PORTABLE,
    'the prior name not in a list',
    'prior_did_missing 2',
    second({ state: moved('elsewhere.example', did) }),
  );
  bad(
    PORTABLE,
    'the first name instead of the prior one',
    'prior_did_missing 3',
    second({ state: moved('elsewhere.example') }).next({ state: moved('third.example') }),
  );
  bad(
    '§ Read (Resolve), didIdMatchCount',
    'a name that the log never had',
    'did_mismatch',
    first(),
    { did: at('agents.example:bob') },
  );
}

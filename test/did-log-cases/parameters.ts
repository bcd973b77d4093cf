// Cases about parameters and where they may stand.

import { multikey, SMALL_ORDER_MULTIKEY } from '../did-log-forge.ts';
import { Cases, first, json, PARAMETERS, plain, second } from './case.ts';

export const parameters = new Cases();
const { bad, ok } = parameters;

ok(
  PARAMETERS,
  'ttl and watchers',
  first({
    parameters: { ttl: 0, watchers: ['https://watcher.example/', 'did:web:watcher.example'] },
  }),
);
ok(
  PARAMETERS,
  'the method again in a later entry',
  second({ parameters: { method: 'did:webvh:1.0' } }),
);
ok(PARAMETERS, 'a later entry without parameters', plain().next());
for (const method of [
  'did:webvh:0.5',
  'did:webvh:1.0-rc1',
  'did:webvh:99.0',
  'didwebvh:1.0',
  'did:webvh:1.0 ',
]) {
  bad(
    `${PARAMETERS}, method`,
    `the method ${json(method)}`,
    'method_unknown 1',
    first({ parameters: { method } }),
  );
}
bad(
  `${PARAMETERS}, method`,
  'an older method in a later entry',
  'method_unknown 2',
  second({ parameters: { method: 'did:webvh:0.5' } }),
);
for (const name of ['method', 'scid', 'updateKeys']) {
  bad(
    `${PARAMETERS}, ${name}`,
    `no ${name} in the first entry`,
    'parameters_malformed 1',
    first({ parameters: { [name]: undefined } }),
  );
}
bad(
  `${PARAMETERS}, scid`,
  'scid in a later entry',
  'parameters_malformed 2',
  second({ parameters: { scid: first().scid } }),
);
bad(
  `${PARAMETERS}, scid`,
  'a scid that is no multihash',
  'parameters_malformed 1',
  first({ parameters: { scid: 'x' } }),
);
bad(
  PARAMETERS,
  'a parameter that there is not',
  'parameters_malformed 1',
  first({ parameters: { prerotation: true } }),
);
for (const name of ['updateKeys', 'nextKeyHashes', 'watchers', 'ttl', 'portable', 'deactivated']) {
  bad(
    `${PARAMETERS}, General Rules`,
    `null for ${name}`,
    'parameters_malformed 1',
    first({ parameters: { [name]: null } }),
  );
}
bad(
  `${PARAMETERS}, portable`,
  'a later entry that makes the DID portable',
  'parameters_malformed 2',
  first({ parameters: { portable: false } }).next({ parameters: { portable: true } }),
);
bad(
  `${PARAMETERS}, portable`,
  'a later entry that says again that the DID is portable',
  'parameters_malformed 2',
  second({ parameters: { portable: true } }),
);
bad(
  `${PARAMETERS}, portable`,
  'a string for portable',
  'parameters_malformed 1',
  first({ parameters: { portable: 'true' } }),
);
bad(
  `${PARAMETERS}, ttl`,
  'a negative ttl',
  'parameters_malformed 1',
  first({ parameters: { ttl: -1 } }),
);
bad(
  `${PARAMETERS}, ttl`,
  'a ttl beyond 2^31',
  'parameters_malformed 1',
  first({ parameters: { ttl: 2 ** 31 + 1 } }),
);
bad(
  `${PARAMETERS}, watchers`,
  'a watcher that is no URL',
  'parameters_malformed 1',
  first({ parameters: { watchers: ['watcher'] } }),
);
bad(
  `${PARAMETERS}, updateKeys`,
  'a key twice',
  'parameters_malformed 1',
  first({ parameters: { updateKeys: [multikey(1), multikey(1)] } }),
);
const p256 = 'zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv';
bad(
  `${PARAMETERS}, updateKeys`,
  'a key of another curve',
  'parameters_malformed 1',
  first({ parameters: { updateKeys: [multikey(1), p256] } }),
);
bad(
  `${PARAMETERS}, updateKeys`,
  'a key of small order',
  'parameters_malformed 1',
  first({ parameters: { updateKeys: [multikey(1), SMALL_ORDER_MULTIKEY] } }),
);
bad(
  '§ Authorized Keys',
  'no key that may sign the first entry',
  'key_not_authorized 1',
  first({ parameters: { updateKeys: [] } }),
);

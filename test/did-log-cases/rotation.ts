// Cases about promised keys, rotation, recovery and the end of a log.

import { multikey, promise } from '../did-log-forge.ts';
import { Cases, first, PARAMETERS, plain, second } from './case.ts';

export const rotation = new Cases();
const { bad, ok } = rotation;

const ROTATION = '§ Pre-Rotation Key Hash Generation and Verification';
ok(
  ROTATION,
  'a recovery: the version is signed by the other promised key',
  second({ by: 9, parameters: { updateKeys: [multikey(9)], nextKeyHashes: [promise(5)] } }),
);
ok(
  ROTATION,
  'promises that belong to no key',
  first({ parameters: { nextKeyHashes: [promise(2), 'none', ''] } }).next(),
);
ok(
  ROTATION,
  'keys promised no more, and then inherited',
  second({ parameters: { nextKeyHashes: [] } }).next({
    by: 2,
    parameters: { updateKeys: undefined, nextKeyHashes: undefined },
  }),
);
ok(
  ROTATION,
  'keys promised only from the second version on',
  plain()
    .next({ parameters: { nextKeyHashes: [promise(2)] } })
    .next({ by: 2, parameters: { updateKeys: [multikey(2)], nextKeyHashes: [] } }),
);
ok(
  '§ No Key Prerotation',
  'a version signed by the key of the version before',
  plain()
    .next({ parameters: { updateKeys: [multikey(2)] } })
    .next({ by: 2 }),
);
bad(
  '§ Read (Resolve), step 7',
  'promised keys left to be inherited',
  'pre_rotation 2',
  second({ parameters: { updateKeys: undefined } }),
);
bad(
  '§ Read (Resolve), step 7',
  'the keys of the version before left to be inherited, signed by one of them',
  'pre_rotation 2',
  second({ by: 1, parameters: { updateKeys: undefined } }),
);
bad(
  `${PARAMETERS}, nextKeyHashes`,
  'promises left to be inherited',
  'pre_rotation 2',
  second({ parameters: { nextKeyHashes: undefined } }),
);
bad(
  ROTATION,
  'a key that was not promised',
  'pre_rotation 2',
  second({ by: 3, parameters: { updateKeys: [multikey(3)] } }),
);
bad(
  ROTATION,
  'a key that was not promised beside one that was',
  'pre_rotation 2',
  second({ parameters: { updateKeys: [multikey(2), multikey(3)] } }),
);
bad(
  ROTATION,
  'the key of the version before, kept',
  'pre_rotation 2',
  second({ by: 1, parameters: { updateKeys: [multikey(2), multikey(1)] } }),
);
bad(
  ROTATION,
  'a key promised two versions ago',
  'pre_rotation 3',
  second({ parameters: { nextKeyHashes: [promise(3)] } }).next({
    by: 9,
    parameters: { updateKeys: [multikey(9)] },
  }),
);
bad(
  ROTATION,
  'promises given up by a key that was not promised',
  'pre_rotation 2',
  second({ by: 1, parameters: { updateKeys: [multikey(1)], nextKeyHashes: [] } }),
);
bad(
  '§ Pre-rotation',
  'a version with promised keys signed by the key before',
  'key_not_authorized 2',
  second({ by: 1 }),
);
bad(
  '§ Pre-rotation',
  'a version signed by a promised key that it does not list',
  'key_not_authorized 2',
  second({ by: 9 }),
);
bad(
  '§ No Key Prerotation',
  'a version signed by a key that it brings itself',
  'key_not_authorized 2',
  plain().next({ by: 2, parameters: { updateKeys: [multikey(2)] } }),
);
bad(
  '§ No Key Prerotation',
  'an old key after rotation',
  'key_not_authorized 3',
  plain()
    .next({ parameters: { updateKeys: [multikey(2)] } })
    .next(),
);
bad(
  '§ Deactivate (Revoke)',
  'a version after all keys were taken away',
  'key_not_authorized 3',
  plain()
    .next({ parameters: { updateKeys: [] } })
    .next(),
);

{
  const END = '§ Deactivate (Revoke)';
  ok(
    END,
    'a DID that is deactivated',
    second({ parameters: { deactivated: true, nextKeyHashes: [] } }),
  );
  ok(
    END,
    'a DID that is deactivated and has no keys',
    plain().next({ parameters: { deactivated: true, updateKeys: [] } }),
  );
  ok(
    END,
    'a later version that says it is not deactivated',
    second({ parameters: { deactivated: false } }),
  );
  bad(
    `${PARAMETERS}, deactivated`,
    'a version after the DID was deactivated',
    'deactivated 3',
    second({ parameters: { deactivated: true } }).next(),
  );
  bad(
    `${PARAMETERS}, deactivated`,
    'a version that brings a deactivated DID back',
    'deactivated 3',
    second({ parameters: { deactivated: true } }).next({ parameters: { deactivated: false } }),
  );
  bad(
    `${PARAMETERS}, deactivated`,
    'a DID that was deactivated from the start',
    'deactivated 2',
    first({ parameters: { deactivated: true } }).next(),
  );
}

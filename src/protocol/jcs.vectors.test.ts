// The test data published with RFC 8785.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { vectorPath } from '../../test/vectors.ts';
import { toHex } from './bytes.ts';
import { canonicalize } from './jcs.ts';

const names = readdirSync(vectorPath('jcs', 'input')).map((file) => file.replace('.json', ''));

// The gate would refuse some of these for their fractions: the scheme itself has all of JSON.
test.each(names)('%s is as published, byte for byte', (name) => {
  const input = JSON.parse(readFileSync(vectorPath('jcs', 'input', `${name}.json`), 'utf8'));
  const hex = readFileSync(vectorPath('jcs', 'outhex', `${name}.txt`), 'utf8').replaceAll(
    /\s/g,
    '',
  );
  expect(toHex(canonicalize(input))).toBe(hex);
});

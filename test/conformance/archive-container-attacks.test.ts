// Attack 17 of those that a verifier of archives has to catch: on the file that holds everything else.
import { describe, expect, test } from 'vitest';
import { parseNote } from '../../src/log/note.ts';
import { encodeTarHeader } from '../../src/log/tar-header.ts';
import { concatBytes, utf8 } from '../../src/protocol/bytes.ts';
import { sample, verify } from '../archive-verdict.ts';
import { edit, pack, packAgain, START, unpack } from '../sample-log.ts';

const code = async (...of: Parameters<typeof verify>) => (await verify(...of)).code;

describe('the container', () => {
  test('17: paths that lead elsewhere, bombs, and endless lines', async () => {
    const archive = await sample().log.archive();
    const members = [...(await unpack(archive))];
    for (const name of ['../../etc/passwd', '/etc/passwd', 'entries/../x', 'history/../x']) {
      expect(await code(await pack([...members, [name, utf8('x')]])), name).toBe(10);
    }
    // A header that promises eight gigabytes is refused before they come.
    const huge = encodeTarHeader('objects/000000.ndjson', 8_000_000_000, START);
    expect(await code(concatBytes(huge, new Uint8Array(1024)))).toBe(10);
    const endless = await edit(
      archive,
      'objects/000000.ndjson',
      () => `${'x'.repeat(1_000_000)}\n`,
    );
    expect(await code(await packAgain(await unpack(endless)))).toBe(10);
    const empty = await edit(archive, 'entries/000000.ndjson', () => '\n'.repeat(100_000));
    expect(await code(await packAgain(await unpack(empty)))).toBe(10);
    expect(parseNote('x'.repeat(1_000_001)).ok).toBe(false);
  });
});

// The SDK needs nothing of Node: it can be bundled for a browser as it is.
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

it('bundles for a browser, without node: modules', async () => {
  const { errors, metafile } = await build({
    entryPoints: [join(import.meta.dirname, 'index.ts')],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    logLevel: 'silent',
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  expect({ errors, imports }).toEqual({ errors: [], imports: [] });
});

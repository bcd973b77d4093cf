// Answers that are sent in gzip to whoever takes it.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { EdgeContext } from './edge.ts';

const pack = promisify(gzip);

/** Below this a header costs more than is saved. */
const SMALL = 512;

/** The bytes, or the same bytes in gzip; a cache keeps the two apart. */
export async function compressed(
  c: EdgeContext,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const fields = { ...headers, vary: 'Accept-Encoding' };
  const packs = bytes.length >= SMALL && takesGzip(c.req.header('accept-encoding') ?? '');
  if (!packs) return new Response(bytes as Uint8Array<ArrayBuffer>, { headers: fields });
  const packed = await pack(bytes);
  return new Response(packed, { headers: { ...fields, 'content-encoding': 'gzip' } });
}

/** RFC 9110 §12.5.3: the most specific coding decides, and a weight of 0 is a refusal. */
export function takesGzip(accepted: string): boolean {
  const weights = new Map<string, number>();
  for (const item of accepted.split(',')) {
    const [coding = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(coding, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}

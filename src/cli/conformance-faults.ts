// Faults that take arithmetic: a second spelling of an Ed25519 signature.

/** L of RFC 8032 §5.1. */
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The signature with L added to S, which verifiers that do not reduce take for another one of the same text. */
export function addGroupOrder(signature: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(signature);
  let s = GROUP_ORDER;
  for (let at = 63; at >= 32; at--) s += BigInt(signature[at] as number) << BigInt(8 * (at - 32));
  for (let at = 32; at < 64; at++, s >>= 8n) changed[at] = Number(s & 255n);
  return changed;
}

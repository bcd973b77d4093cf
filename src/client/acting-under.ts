// The delegation that a client acts under, with the way to its chain.
import type { Under } from './author.ts';
import { type ConnectionOptions, connect } from './connection.ts';
import { type ActingUnder, fetchChain } from './delegations.ts';
import { nameOfRef } from './reader.ts';

/** Null for a client that acts for itself. Nothing is fetched before the chain is asked for. */
export function underOf({
  under,
  ...options
}: ConnectionOptions & { readonly under?: ActingUnder }): Under | null {
  if (under === undefined) return null;
  const delegation = nameOfRef(under.delegation);
  const source = connect({ ...options, origin: under.from ?? options.origin });
  return { delegation, chain: () => fetchChain(delegation, source) };
}

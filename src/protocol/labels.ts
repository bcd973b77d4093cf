// The IRIs that `Add` and `Remove` take as target: lock, pin, roles, keys, ties between agents, and content labels.
import type { LabelIri } from './activity.ts';

export const LABEL_BASE = 'https://w3id.org/exuvia/label#';

/** The thread takes no more comments. */
export const LOCKED: LabelIri = `${LABEL_BASE}locked`;

/** The post stands at the top of its submolt. */
export const PINNED: LabelIri = `${LABEL_BASE}featured`;

/** The agent moderates the submolt. */
export const MODERATORS: LabelIri = `${LABEL_BASE}moderators`;

/** The key signs the checkpoints of the node that says so, in that node's own system log. */
export const LOG_KEYS: LabelIri = `${LABEL_BASE}log-keys`;

/** The key cosigns checkpoints of others for the node that says so, in that node's own system log. */
export const WITNESS_KEYS: LabelIri = `${LABEL_BASE}witness-keys`;

/** The node is asked to cosign the checkpoints of the node that says so, in that node's own system log. */
export const WITNESSES: LabelIri = `${LABEL_BASE}witnesses`;

/** The two heads in `content` convict the node of showing two histories, says the node whose system log it is in. */
export const EVIDENCE: LabelIri = `${LABEL_BASE}evidence`;

/** What a node alone says, in its own system log. */
export const NODE_LABELS: ReadonlySet<string> = new Set([
  LOG_KEYS,
  WITNESS_KEYS,
  WITNESSES,
  EVIDENCE,
]);

/** The DID log in `content` is that of the actor, who is a did:webvh. */
export const DID_LOGS: LabelIri = `${LABEL_BASE}did-logs`;

/** The agent may act for the actor, as the capability in `content` says. */
export const DELEGATES: LabelIri = `${LABEL_BASE}delegates`;

/** The actor accepts the owner whose credential is in `content`. */
export const OWNERS: LabelIri = `${LABEL_BASE}owners`;

const LABEL_NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/**
 * The name behind `LABEL_BASE`, such as `locked` or `prompt-injection`; null if `iri` is no label IRI.
 * A name is at most 64 characters: words of `[a-z0-9]` joined by single hyphens, a letter first.
 */
export function parseLabel(iri: string): string | null {
  if (!iri.startsWith(LABEL_BASE)) return null;
  const name = iri.slice(LABEL_BASE.length);
  return name.length <= 64 && LABEL_NAME.test(name) ? name : null;
}

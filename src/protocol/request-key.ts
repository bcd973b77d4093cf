// What a verifier of requests has to find: the key behind a URL and a keyid, or why there is none.
import type { Did } from './did.ts';

/** What is wrong with the answer of a host that was asked for keys. */
export type DirectoryFault =
  | 'directory_status'
  | 'directory_redirected'
  | 'directory_media_type'
  | 'directory_encoded'
  | 'directory_too_large'
  | 'directory_malformed'
  | 'directory_too_many_keys';

/** Why a key that is in a directory does not count. */
export type KeyFault =
  | 'directory_kid_mismatch'
  | 'key_not_for_authentication'
  | 'key_controller_mismatch';

export type RequestKeyRefusal =
  | 'no_identifier'
  | 'not_enrolled'
  | 'discovery_refused'
  | 'discovery_address_refused'
  | 'discovery_failed'
  | DirectoryFault
  | KeyFault
  | 'key_not_in_directory'
  | 'did_mismatch'
  | 'key_rejected'
  /** The URL names an SCID whose DID log has neither been stated nor can be had there. */
  | 'identity_unknown';

export interface RequestKey {
  readonly did: Did;
  readonly publicKey: Uint8Array;
  /** DID URL of the key in the DID's document. */
  readonly verificationMethod: string;
}

export type FoundRequestKey =
  | ({ readonly ok: true } & RequestKey)
  | {
      readonly ok: false;
      readonly reason: RequestKeyRefusal;
      readonly detail: string;
      readonly retryable: boolean;
    };

/**
 * Finds the key of (agent URL, keyid): never of the keyid alone, or a key learned from one URL would speak
 * for another. `agentUrl` is null for a request without Signature-Agent, and then only a key already held counts.
 */
export type RequestKeyLookup = (agentUrl: string | null, keyid: string) => Promise<FoundRequestKey>;

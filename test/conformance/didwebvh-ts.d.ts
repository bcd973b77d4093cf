// The part of didwebvh-ts that the tests use: its own types import each other in a way that does not resolve here.
declare module 'didwebvh-ts' {
  type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
  export interface DataIntegrityProof {
    verificationMethod: string;
    proofValue: string;
    created: string;
  }
  export interface DIDLogEntry {
    versionId: string;
    versionTime: string;
    parameters: { [name: string]: Json };
    state: { [member: string]: Json };
    proof?: DataIntegrityProof[];
  }
  export type DIDLog = DIDLogEntry[];
  export interface WitnessProofFileEntry {
    versionId: string;
    proof: DataIntegrityProof[];
  }
  export interface Signer {
    sign(input: { document: unknown; proof: unknown }): Promise<{ proofValue: string }>;
    getVerificationMethodId(): string;
  }
  export interface Verifier {
    verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): Promise<boolean>;
  }
  interface Resolution {
    did: string;
    meta: { [member: string]: Json } & { error?: string };
  }
  interface Options {
    signer: Signer;
    verifier: Verifier;
    updateKeys?: string[];
    nextKeyHashes?: string[];
    domain?: string;
  }
  interface CreateOptions extends Options {
    paths: string[];
    portable: boolean;
    verificationMethods: { type: string; publicKeyMultibase: string; purpose: string }[];
    witness?: { threshold: number; witnesses: { id: string }[] };
  }
  type Made = Resolution & { log: DIDLog };
  export function createDID(options: CreateOptions): Promise<Made>;
  export function updateDID(options: Options & { log: DIDLog }): Promise<Made>;
  export function deactivateDID(options: Options & { log: DIDLog }): Promise<Made>;
  export function resolveDIDFromLog(
    log: DIDLog,
    options: {
      verifier: Verifier;
      witnessProofs: WitnessProofFileEntry[];
      requestedDid?: string;
    },
  ): Promise<Resolution>;
  export function deriveNextKeyHash(multikey: string): Promise<string>;
  export function prepareDataForSigning(document: unknown, proof: unknown): Promise<Uint8Array>;
  export function signWitnessProofEntry(options: {
    versionId: string;
    witnesses: { id: string }[];
    witnessSignersByDid: { [did: string]: Signer };
  }): Promise<WitnessProofFileEntry>;
}

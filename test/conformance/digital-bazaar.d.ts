// What this repository uses of Digital Bazaar's packages, which ship no types.
interface LoadedDocument {
  readonly contextUrl: null;
  readonly documentUrl: string;
  readonly document: unknown;
}

declare module '@digitalbazaar/data-integrity' {
  export class DataIntegrityProof {
    constructor(options: { readonly cryptosuite: unknown; readonly signer?: unknown });
  }
}

declare module '@digitalbazaar/did-method-key' {
  interface Driver {
    use(options: {
      readonly multibaseMultikeyHeader: string;
      readonly fromMultibase: unknown;
    }): void;
    get(options: { readonly did: string } | { readonly url: string }): Promise<unknown>;
  }
  export function driver(): Driver;
}

declare module '@digitalbazaar/ed25519-multikey' {
  export function from(options: unknown): Promise<{ signer(): unknown }>;
}

declare module '@digitalbazaar/eddsa-jcs-2022-cryptosuite' {
  export function createSignCryptosuite(): unknown;
  export function createVerifyCryptosuite(): unknown;
}

declare module '@digitalbazaar/vc' {
  interface StatusOptions {
    readonly credential: unknown;
    readonly documentLoader: (url: string) => Promise<LoadedDocument>;
  }
  interface StatusResult {
    readonly verified: boolean;
    readonly results: readonly { readonly status: boolean }[];
  }
  export function defaultDocumentLoader(url: string): Promise<LoadedDocument>;
  export function issue(options: {
    readonly credential: unknown;
    readonly suite: object;
    readonly documentLoader: (url: string) => Promise<LoadedDocument>;
  }): Promise<import('../../src/protocol/json.ts').JsonObject>;
  export function verifyCredential(options: {
    readonly credential: unknown;
    readonly suite: object;
    readonly documentLoader: (url: string) => Promise<LoadedDocument>;
    readonly checkStatus: (options: StatusOptions) => Promise<StatusResult>;
  }): Promise<{ readonly verified: boolean; readonly statusResult?: StatusResult }>;
}

declare module '@digitalbazaar/vc-bitstring-status-list' {
  interface List {
    setStatus(index: number, status: boolean): void;
    encode(): Promise<string>;
  }
  export function createList(options: { readonly length: number }): Promise<List>;
  export function createCredential(options: {
    readonly id: string;
    readonly list: List;
    readonly statusPurpose: string;
  }): Promise<import('../../src/protocol/json.ts').JsonObject>;
  export function checkStatus(options: {
    readonly credential: unknown;
    readonly documentLoader: (url: string) => Promise<LoadedDocument>;
    readonly suite: object;
  }): Promise<{
    readonly verified: boolean;
    readonly results: readonly { readonly status: boolean }[];
  }>;
}

declare module 'jsonld-signatures' {
  const jsigs: {
    readonly purposes: {
      readonly AssertionProofPurpose: new (options: { readonly controller: unknown }) => object;
    };
    verify(
      document: unknown,
      options: {
        readonly suite: object;
        readonly purpose: object;
        readonly documentLoader: (url: string) => Promise<LoadedDocument>;
      },
    ): Promise<{ readonly verified: boolean }>;
  };
  export default jsigs;
}

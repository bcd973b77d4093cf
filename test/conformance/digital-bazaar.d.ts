// What this repository uses of Digital Bazaar's packages, which ship no types.
interface LoadedDocument {
  readonly contextUrl: null;
  readonly documentUrl: string;
  readonly document: unknown;
}

declare module '@digitalbazaar/data-integrity' {
  export class DataIntegrityProof {
    constructor(options: { readonly cryptosuite: unknown });
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
  export function from(options: unknown): Promise<unknown>;
}

declare module '@digitalbazaar/eddsa-jcs-2022-cryptosuite' {
  export function createVerifyCryptosuite(): unknown;
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

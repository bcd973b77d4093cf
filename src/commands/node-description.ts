// What a node tells everybody of itself: who it is, by its own signed statements, and who cosigns its logs.
import { COSIGNATURE_V1, formatVerifierKey, noteVerifier } from '../log/note-key.ts';
import { decodeUtf8 } from '../protocol/bytes.ts';
import { type Did, didKeyOf } from '../protocol/did.ts';
import type { JsonObject, JsonValue } from '../protocol/json.ts';
import { readKeyStatement } from '../store/queries/archive.ts';
import { findPeers } from '../store/queries/peers.ts';
import type { AdmissionView } from './admission.ts';
import type { CommandContext } from './context.ts';
import { systemOrigin, witnessName, witnessSigner } from './origin.ts';
import { OwnStatements } from './own-statements.ts';

export interface NodeNames {
  /** What the node calls itself, at most 100 characters. */
  readonly name: string;
  readonly software: { readonly name: string; readonly version: string };
  /** Who may write for the first time; everybody unless told. */
  readonly admission?: { readonly view: AdmissionView };
}

export class NodeDescription {
  readonly #context: CommandContext;
  readonly #statements: OwnStatements;
  readonly #vkey: string;

  constructor(context: CommandContext) {
    this.#context = context;
    this.#statements = new OwnStatements(context);
    this.#vkey = formatVerifierKey(witnessSigner(context.node, context.crypto));
  }

  /** `/.well-known/exuvia`. Keys are stated in the system log; the log key is in entry 0 of it. */
  async of({ admission, name, software }: NodeNames): Promise<JsonObject> {
    const { crypto, db, node } = this.#context;
    const [keyStatement, { witnesses, witnessKeys }] = await Promise.all([
      readKeyStatement(db, node.did),
      this.#statements.read(),
    ]);
    const own = witnessKeys.get(didKeyOf(crypto.publicKeyOf(node.witnessSeed)));
    return {
      did: node.did,
      origin: node.origin,
      name,
      software: { ...software },
      admission: { ...(admission?.view ?? { policy: 'open' }) },
      keyStatement: parsed(keyStatement),
      systemLog: systemOrigin(node),
      witness: this.#vkey,
      witnessStatement: parsed(own ?? null),
      witnesses: await this.#describeWitnesses([...witnesses] as Did[]),
    };
  }

  async #describeWitnesses(dids: readonly Did[]): Promise<JsonValue[]> {
    const { crypto, db } = this.#context;
    return (await findPeers(db, dids)).flatMap(({ did, url, witnessKey }) => {
      if (witnessKey === null) return [];
      const name = witnessName({ authority: new URL(url).host });
      const key = noteVerifier(name, COSIGNATURE_V1, witnessKey, crypto);
      return [{ did, key: formatVerifierKey(key), url: `${url}/witness` }];
    });
  }
}

function parsed(bytes: Uint8Array | null): JsonValue {
  return bytes && JSON.parse(decodeUtf8(bytes));
}

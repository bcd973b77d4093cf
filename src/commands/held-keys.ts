// What a node remembers of enrolled keys, as the room that looks at their documents asks for it.
import type { Did } from '../protocol/did.ts';
import { findEnrolment } from '../store/queries/enrolments.ts';
import type { CommandContext } from './context.ts';
import { noteAgreement } from './enrol.ts';
import type { Sequencer } from './sequencer.ts';

interface HeldKey {
  readonly did: Did;
  readonly publicKey: Uint8Array;
  readonly verificationMethod: string;
  readonly agreedAt: number | null;
}

/** `find` reads the database each time: another process may have written it. */
export function heldKeys(context: CommandContext, sequencer: Sequencer) {
  return {
    find: (url: string | null, keyid: string): Promise<HeldKey | null> =>
      findEnrolment(context.db, url, keyid),
    note: (url: string, keyid: string, agreed: boolean): Promise<void> =>
      noteAgreement(context, sequencer, { url, keyid }, agreed),
  };
}

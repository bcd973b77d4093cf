// The suite of the one writer on a database file, and what needs no database of its own kind.
import { sequencerSuite } from '../../test/sequencer-suite.ts';

sequencerSuite(async () => undefined);

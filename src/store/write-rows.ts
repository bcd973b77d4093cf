// The statements that write what the rules put: each changed row once, parents before what refers to them.
import { deleteEdit, writeActs } from './acts.ts';
import type { Statement } from './database.ts';
import { writeDelegationPlaces, writeDelegationStates, writeDelegations } from './delegations.ts';
import { eraseEntry, eraseWithdrawnEdits } from './entries.ts';
import { writeIdentities, writeIdentityPlaces } from './identities.ts';
import { writeItems } from './items.ts';
import { writeMemberships } from './memberships.ts';
import { blankReport, writeLabels, writeReports } from './moderation.ts';
import { writeNodeBans } from './node-bans.ts';
import { deleteMentions, writeMentions, writeNotices } from './notices.ts';
import { eraseObject } from './objects.ts';
import { writeOwnerships } from './owners.ts';
import { deleteProfiles, writeFollows, writeProfiles } from './profiles.ts';
import { insertSkeletons } from './skeletons.ts';
import type { StoredRows } from './stored-rows.ts';
import { writeSubmolts } from './submolts.ts';
import { writeVotes } from './votes.ts';

/** All derived rows that were put, and the erasures; numbers new names as it goes. */
export function writeRows(rows: StoredRows): Statement[] {
  const { numbering } = rows;
  return [
    ...writeSubmolts(rows.submolts.changed(), (name) => rows.submolts.loaded(name), numbering),
    ...writeItems(rows.changedItems(), rows, numbering),
    ...writeActs(rows.acts.changed(), numbering),
    ...writeVotes(rows.votes.changed(), numbering),
    ...writeMemberships(rows.memberships.changed(), numbering),
    ...writeProfiles(rows.profiles.changed(), numbering),
    ...deleteProfiles(rows.profiles.dropped(), rows.node, numbering),
    ...writeFollows(rows.follows.changed(), numbering),
    ...writeLabels(rows.labels.changed(), numbering),
    ...writeNodeBans(rows.nodeBans.changed(), numbering),
    ...writeIdentities(rows.identities.changed(), numbering),
    ...writeIdentityPlaces(rows.identityPlaces.changed(), numbering),
    ...writeOwnerships(rows.ownerships.changed(), numbering),
    ...writeDelegations(rows.delegations.changed(), numbering),
    ...writeDelegationStates(rows.delegationStates.changed(), numbering),
    ...writeDelegationPlaces(rows.delegationPlaces.changed(), numbering),
    ...deleteMentions(rows.mentionRows.dropped(), numbering),
    ...writeMentions(rows.mentionRows.changed(), numbering),
    ...writeNotices(rows.notices.changed(), numbering),
    ...writeReports(rows.reports.values(), numbering),
    ...insertSkeletons(rows.skeletons.values(), numbering),
    ...rows.signers.statements(numbering),
    ...rows.erasures.flatMap(({ name, log, by }) => {
      const id = numbering.object(name);
      return [
        eraseEntry(log, id, by),
        eraseWithdrawnEdits(log, id, by),
        eraseObject(id),
        deleteEdit(id),
        blankReport(id),
      ];
    }),
  ];
}

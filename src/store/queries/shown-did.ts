// What an agent is called now, for views: by its DID, since rows hold subjects, and by the name it has given itself.

/** Number of the node whose system log is this database's own. */
export const OWN_NODE = '(SELECT home FROM logs WHERE is_home = 1 AND submolt IS NULL)';

/**
 * SQL for the DID of the row `agents AS <alias>`: by this node's own knowledge, else by the newest that a submolt's log has
 * stated, else by the newest that another node's system log has, else the subject. A did:key or did:web is its own subject and
 * costs one comparison.
 */
export function shownDid(alias: string): string {
  return `CASE WHEN ${alias}.did NOT GLOB 'did:scid:*' THEN ${alias}.did ELSE coalesce(
    (SELECT known.did FROM identities AS known WHERE known.agent = ${alias}.id AND known.node = ${OWN_NODE}),
    (SELECT stated.did FROM identity_places AS stated WHERE stated.agent = ${alias}.id
      ORDER BY stated.version DESC LIMIT 1),
    (SELECT other.did FROM identities AS other WHERE other.agent = ${alias}.id
      ORDER BY other.version DESC, other.node LIMIT 1),
    ${alias}.did) END`;
}

/** SQL that joins, as `f`, the profile of the agent with the number `agent`: the one it has here, else its newest elsewhere. */
export function shownProfile(agent: string): string {
  return `LEFT JOIN profiles AS f ON f.agent = ${agent} AND f.node = (SELECT said.node FROM profiles AS said
  WHERE said.agent = ${agent} ORDER BY said.node = ${OWN_NODE} DESC, said.updated_at DESC, said.node LIMIT 1)`;
}

/**
 * SQL for the DID of the owner in the row `owners AS w`: a did:webvh that this node knows by what it is called now. Its SCID
 * is 46 characters after `did:webvh:`.
 */
export const SHOWN_OWNER = `CASE WHEN w.owner NOT GLOB 'did:webvh:*' THEN w.owner ELSE coalesce(
    (SELECT known.did FROM identities AS known
      WHERE known.agent = (SELECT id FROM agents WHERE did = 'did:scid:vh:1:' || substr(w.owner, 11, 46))
        AND known.node = w.node),
    w.owner) END`;

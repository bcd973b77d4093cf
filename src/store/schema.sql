-- The schema after all migrations: a dump for readers, compared by schema.test.ts.

CREATE TABLE acts (
  object INTEGER PRIMARY KEY REFERENCES objects,
  kind TEXT NOT NULL,
  actor INTEGER NOT NULL REFERENCES agents,
  submolt INTEGER REFERENCES objects,
  on_object INTEGER REFERENCES objects,
  on_agent INTEGER REFERENCES agents,
  CHECK (on_object IS NULL OR on_agent IS NULL)
) STRICT;

CREATE INDEX acts_edits ON acts (on_object) WHERE kind = 'Update';

CREATE INDEX acts_profile ON acts (on_agent) WHERE kind = 'Update';

CREATE TABLE admissions (
  agent TEXT PRIMARY KEY,
  means TEXT NOT NULL CHECK (means IN ('pow', 'invite')),
  invitation TEXT,
  issuer TEXT,
  admitted_at INTEGER NOT NULL,
  CHECK ((means = 'invite') = (invitation IS NOT NULL AND issuer IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX admissions_invitation ON admissions (issuer, invitation) WHERE invitation IS NOT NULL;

CREATE INDEX admissions_issuer ON admissions (issuer, admitted_at) WHERE invitation IS NOT NULL;

CREATE TABLE agents (
  id INTEGER PRIMARY KEY,
  did TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE arrivals (
  version INTEGER NOT NULL,
  log INTEGER NOT NULL REFERENCES logs,
  start INTEGER NOT NULL CHECK (start >= 0),
  count INTEGER NOT NULL CHECK (count > 0),
  PRIMARY KEY (version, log)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
  log INTEGER NOT NULL REFERENCES logs,
  day INTEGER NOT NULL,
  size INTEGER NOT NULL CHECK (size > 0),
  note TEXT NOT NULL,
  PRIMARY KEY (log, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE conversations (
  id INTEGER PRIMARY KEY,
  owner TEXT NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  other TEXT NOT NULL,
  other_did TEXT NOT NULL,
  node TEXT NOT NULL,
  url TEXT NOT NULL,
  asked INTEGER NOT NULL CHECK (asked IN (0, 1)),
  state TEXT NOT NULL CHECK (state IN ('requested', 'open', 'rejected')),
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  read_to INTEGER NOT NULL,
  UNIQUE (owner, hash)
) STRICT;

CREATE INDEX conversations_age ON conversations (updated_at);

CREATE INDEX conversations_newest ON conversations (owner, updated_at, id);

CREATE INDEX conversations_other ON conversations (owner, other);

CREATE INDEX conversations_state ON conversations (owner, state, asked);

CREATE TABLE cosigned (
  log INTEGER PRIMARY KEY REFERENCES logs,
  size INTEGER NOT NULL CHECK (size >= 0),
  note TEXT NOT NULL,
  cosigned_at INTEGER NOT NULL
) STRICT;

CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY,
  peer INTEGER REFERENCES peers,
  origin TEXT NOT NULL,
  idx INTEGER,
  code TEXT NOT NULL,
  detail TEXT NOT NULL,
  bytes BLOB,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE delegation_places (
  object INTEGER NOT NULL REFERENCES objects,
  submolt INTEGER NOT NULL REFERENCES objects,
  PRIMARY KEY (object, submolt)
) STRICT, WITHOUT ROWID;

CREATE TABLE delegation_states (
  object INTEGER NOT NULL REFERENCES objects,
  node INTEGER NOT NULL REFERENCES agents,
  revoked INTEGER REFERENCES objects,
  PRIMARY KEY (object, node)
) STRICT, WITHOUT ROWID;

CREATE INDEX delegation_states_revoked ON delegation_states (revoked) WHERE revoked IS NOT NULL;

CREATE TABLE delegations (
  object INTEGER PRIMARY KEY REFERENCES objects,
  parent INTEGER REFERENCES objects,
  delegator INTEGER NOT NULL REFERENCES agents,
  delegate INTEGER NOT NULL REFERENCES agents,
  principal INTEGER NOT NULL REFERENCES agents,
  depth INTEGER NOT NULL,
  capability TEXT NOT NULL,
  key_id TEXT
) STRICT;

CREATE INDEX delegations_delegate ON delegations (delegate, object);

CREATE INDEX delegations_delegator ON delegations (delegator, object);

CREATE TABLE deliveries (
  message INTEGER PRIMARY KEY REFERENCES messages,
  target TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('waiting', 'delivered', 'refused')),
  code TEXT,
  detail TEXT,
  CHECK ((status = 'refused') = (code IS NOT NULL))
) STRICT;

CREATE INDEX deliveries_waiting ON deliveries (target, message) WHERE status = 'waiting';

CREATE TABLE denied_hosts (
  host TEXT PRIMARY KEY,
  denied_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE did_documents (
  did TEXT NOT NULL,
  keys BLOB NOT NULL CHECK (length(keys) = 32),
  document BLOB NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL CHECK (last_seen >= first_seen),
  PRIMARY KEY (did, keys)
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolments (
  url TEXT NOT NULL,
  keyid TEXT NOT NULL CHECK (length(keyid) = 43),
  did TEXT NOT NULL,
  subject TEXT NOT NULL,
  public_key BLOB NOT NULL CHECK (length(public_key) = 32),
  method TEXT NOT NULL,
  enrolled_at INTEGER NOT NULL,
  agreed_at INTEGER,
  PRIMARY KEY (url, keyid)
) STRICT, WITHOUT ROWID;

CREATE INDEX enrolments_subject ON enrolments (subject);

CREATE TABLE entries (
  log INTEGER NOT NULL REFERENCES logs,
  idx INTEGER NOT NULL CHECK (idx >= 0),
  object INTEGER NOT NULL REFERENCES objects,
  kind TEXT NOT NULL,
  t INTEGER NOT NULL,
  commitment BLOB NOT NULL CHECK (length(commitment) = 32),
  salt BLOB CHECK (length(salt) = 16),
  erased_by INTEGER CHECK (erased_by >= 0),
  PRIMARY KEY (log, idx),
  CHECK ((salt IS NULL) = (erased_by IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX entries_erased ON entries (log, erased_by) WHERE erased_by IS NOT NULL;

CREATE UNIQUE INDEX entries_object ON entries (object, log);

CREATE TABLE evidence (
  id INTEGER PRIMARY KEY,
  origin TEXT NOT NULL,
  peer INTEGER REFERENCES peers,
  file BLOB NOT NULL,
  statement BLOB CHECK (length(statement) = 32),
  found_at INTEGER NOT NULL,
  decision TEXT CHECK (decision IN ('keep', 'drop')),
  decided_at INTEGER, further INTEGER NOT NULL DEFAULT 0 CHECK (further >= 0), newest BLOB, newest_at INTEGER,
  CHECK ((decision IS NULL) = (decided_at IS NULL))
) STRICT;

CREATE UNIQUE INDEX evidence_open ON evidence (origin) WHERE decision IS NULL;

CREATE TABLE followers (
  log INTEGER NOT NULL REFERENCES logs,
  peer INTEGER NOT NULL REFERENCES peers,
  size INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  PRIMARY KEY (log, peer)
) STRICT, WITHOUT ROWID;

CREATE INDEX followers_peer ON followers (peer);

CREATE TABLE follows (
  follower INTEGER NOT NULL REFERENCES agents,
  followed INTEGER NOT NULL REFERENCES agents,
  node INTEGER NOT NULL REFERENCES agents,
  act INTEGER REFERENCES objects,
  PRIMARY KEY (follower, followed, node)
) STRICT, WITHOUT ROWID;

CREATE INDEX follows_followed ON follows (followed, act) WHERE act IS NOT NULL;

CREATE INDEX follows_follower ON follows (follower, act) WHERE act IS NOT NULL;

CREATE TABLE foreign_cursors (
  log INTEGER NOT NULL REFERENCES logs,
  inbox INTEGER NOT NULL REFERENCES foreign_inboxes,
  next INTEGER NOT NULL CHECK (next >= 0),
  PRIMARY KEY (log, inbox)
) STRICT, WITHOUT ROWID;

CREATE INDEX foreign_cursors_inbox ON foreign_cursors (inbox);

CREATE TABLE foreign_followers (
  submolt INTEGER NOT NULL REFERENCES objects,
  actor TEXT NOT NULL,
  host TEXT NOT NULL,
  inbox INTEGER NOT NULL REFERENCES foreign_inboxes,
  answer_to TEXT NOT NULL,
  follow TEXT NOT NULL,
  accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)),
  added_at INTEGER NOT NULL,
  PRIMARY KEY (submolt, actor)
) STRICT, WITHOUT ROWID;

CREATE INDEX foreign_followers_actor ON foreign_followers (actor);

CREATE INDEX foreign_followers_host ON foreign_followers (submolt, host);

CREATE INDEX foreign_followers_inbox ON foreign_followers (inbox, submolt);

CREATE INDEX foreign_followers_waiting ON foreign_followers (added_at) WHERE accepted = 0;

CREATE TABLE foreign_inboxes (
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL UNIQUE,
  host TEXT NOT NULL,
  software TEXT,
  failures INTEGER NOT NULL,
  retry_at INTEGER NOT NULL,
  failing_since INTEGER,
  error TEXT
) STRICT;

CREATE INDEX foreign_inboxes_host ON foreign_inboxes (host);

CREATE TABLE foreign_seen (
  id BLOB PRIMARY KEY CHECK (length(id) = 32),
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX foreign_seen_at ON foreign_seen (seen_at);

CREATE TABLE heads (
  log INTEGER PRIMARY KEY REFERENCES logs,
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32)
) STRICT;

CREATE TABLE holds (
  origin TEXT PRIMARY KEY,
  size INTEGER NOT NULL CHECK (size >= 0),
  note TEXT,
  source TEXT NOT NULL,
  held_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE identities (
  agent INTEGER NOT NULL REFERENCES agents,
  node INTEGER NOT NULL REFERENCES agents,
  statement INTEGER NOT NULL REFERENCES objects,
  did TEXT NOT NULL,
  version INTEGER NOT NULL,
  version_id TEXT NOT NULL,
  keys TEXT NOT NULL,
  deactivated INTEGER NOT NULL,
  PRIMARY KEY (agent, node)
) STRICT, WITHOUT ROWID;

CREATE INDEX identities_changed ON identities (statement) WHERE version > 1;

CREATE TABLE identity_places (
  agent INTEGER NOT NULL REFERENCES agents,
  submolt INTEGER NOT NULL REFERENCES objects,
  statement INTEGER NOT NULL REFERENCES objects,
  did TEXT NOT NULL,
  version INTEGER NOT NULL,
  version_id TEXT NOT NULL,
  keys TEXT NOT NULL,
  deactivated INTEGER NOT NULL,
  PRIMARY KEY (agent, submolt)
) STRICT, WITHOUT ROWID;

CREATE TABLE intake (
  day INTEGER NOT NULL,
  node TEXT NOT NULL,
  objects INTEGER NOT NULL,
  votes INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (day, node)
) STRICT, WITHOUT ROWID;

CREATE TABLE items (
  object INTEGER PRIMARY KEY REFERENCES objects,
  submolt INTEGER NOT NULL REFERENCES objects,
  author INTEGER NOT NULL REFERENCES agents,
  parent INTEGER REFERENCES objects,
  root INTEGER NOT NULL REFERENCES objects,
  depth INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER,
  body INTEGER NOT NULL REFERENCES objects,
  up INTEGER NOT NULL,
  down INTEGER NOT NULL,
  score INTEGER NOT NULL,
  hot INTEGER NOT NULL,
  replies INTEGER NOT NULL,
  locked INTEGER NOT NULL,
  pinned INTEGER NOT NULL,
  removed INTEGER NOT NULL,
  deleted INTEGER NOT NULL
, delegation INTEGER REFERENCES objects, answers INTEGER REFERENCES agents) STRICT;

CREATE INDEX items_answers ON items (answers, object)
WHERE answers IS NOT NULL AND removed = 0 AND deleted = 0;

CREATE INDEX items_author ON items (author, created_at, object) WHERE parent IS NULL AND removed = 0 AND deleted = 0;

CREATE INDEX items_hot ON items (hot, object) WHERE parent IS NULL AND removed = 0 AND deleted = 0;

CREATE INDEX items_new ON items (created_at, object) WHERE parent IS NULL AND removed = 0 AND deleted = 0;

CREATE INDEX items_pinned ON items (submolt) WHERE pinned = 1;

CREATE INDEX items_replies_best ON items (parent, score, object) WHERE parent IS NOT NULL;

CREATE INDEX items_replies_contested ON items (parent, min(up, down), object) WHERE parent IS NOT NULL;

CREATE INDEX items_replies_new ON items (parent, created_at, object) WHERE parent IS NOT NULL;

CREATE INDEX items_submolt_hot ON items (submolt, hot, object) WHERE parent IS NULL AND removed = 0 AND deleted = 0;

CREATE INDEX items_submolt_new ON items (submolt, created_at, object) WHERE parent IS NULL AND removed = 0 AND deleted = 0;

CREATE INDEX items_submolt_top ON items (submolt, score, object) WHERE parent IS NULL AND removed = 0 AND deleted = 0;

CREATE INDEX items_top ON items (score, object) WHERE parent IS NULL AND removed = 0 AND deleted = 0;

CREATE TABLE labels (
  submolt INTEGER NOT NULL REFERENCES objects,
  subject TEXT NOT NULL,
  label TEXT NOT NULL,
  act INTEGER REFERENCES objects,
  PRIMARY KEY (submolt, subject, label)
) STRICT, WITHOUT ROWID;

CREATE TABLE logs (
  id INTEGER PRIMARY KEY,
  origin TEXT NOT NULL UNIQUE,
  home INTEGER NOT NULL REFERENCES agents,
  submolt INTEGER UNIQUE REFERENCES objects,
  is_home INTEGER NOT NULL CHECK (is_home IN (0, 1)),
  log_key BLOB NOT NULL CHECK (length(log_key) = 32),
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  frontier BLOB NOT NULL,
  last_t INTEGER NOT NULL,
  signed_size INTEGER NOT NULL CHECK (signed_size BETWEEN 0 AND size),
  checkpoint TEXT
) STRICT;

CREATE UNIQUE INDEX logs_own_system ON logs (is_home) WHERE is_home = 1 AND submolt IS NULL;

CREATE TABLE mailboxes (owner TEXT PRIMARY KEY, bytes INTEGER NOT NULL CHECK (bytes >= 0)) STRICT, WITHOUT ROWID;

CREATE TABLE memberships (
  agent INTEGER NOT NULL REFERENCES agents,
  submolt INTEGER NOT NULL REFERENCES objects,
  role TEXT CHECK (role IN ('owner', 'moderator')),
  subscription INTEGER REFERENCES objects,
  ban INTEGER REFERENCES objects,
  banned_until INTEGER,
  karma INTEGER NOT NULL,
  posts INTEGER NOT NULL,
  comments INTEGER NOT NULL,
  PRIMARY KEY (agent, submolt)
) STRICT, WITHOUT ROWID;

CREATE INDEX memberships_role ON memberships (submolt, role) WHERE role IS NOT NULL;

CREATE TABLE mentions (
  item INTEGER NOT NULL REFERENCES objects,
  did TEXT NOT NULL,
  act INTEGER NOT NULL REFERENCES objects,
  PRIMARY KEY (item, did)
) STRICT, WITHOUT ROWID;

CREATE INDEX mentions_did ON mentions (did, act);

CREATE TABLE message_blocks (
  owner TEXT NOT NULL,
  other TEXT NOT NULL,
  did TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (owner, other)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner TEXT NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  conversation INTEGER REFERENCES conversations,
  kind TEXT NOT NULL CHECK (kind IN ('Offer', 'Create', 'Accept', 'Reject')),
  incoming INTEGER NOT NULL CHECK (incoming IN (0, 1)),
  bytes BLOB NOT NULL,
  chain TEXT NOT NULL,
  published INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (owner, hash),
  CHECK ((conversation IS NULL) = (length(bytes) = 0))
) STRICT;

CREATE INDEX messages_age ON messages (created_at) WHERE conversation IS NOT NULL;

CREATE INDEX messages_conversation ON messages (conversation, id) WHERE conversation IS NOT NULL;

CREATE INDEX messages_gone ON messages (published) WHERE conversation IS NULL;

CREATE INDEX messages_sent ON messages (owner, kind, id) WHERE incoming = 0;

CREATE TABLE node (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL,
  rebuilding INTEGER NOT NULL CHECK (rebuilding IN (0, 1))
) STRICT;

CREATE TABLE node_bans (
  agent INTEGER NOT NULL REFERENCES agents,
  node INTEGER NOT NULL REFERENCES agents,
  act INTEGER REFERENCES objects,
  until INTEGER,
  PRIMARY KEY (agent, node)
) STRICT, WITHOUT ROWID;

CREATE INDEX node_bans_standing ON node_bans (node, act) WHERE act IS NOT NULL;

CREATE TABLE nonces (
  bucket INTEGER NOT NULL,
  nonce BLOB NOT NULL CHECK (length(nonce) = 16),
  PRIMARY KEY (bucket, nonce)
) STRICT, WITHOUT ROWID;

CREATE TABLE notices (
  about INTEGER NOT NULL REFERENCES objects,
  topic TEXT NOT NULL,
  agent INTEGER NOT NULL REFERENCES agents,
  act INTEGER NOT NULL REFERENCES objects,
  value INTEGER NOT NULL,
  PRIMARY KEY (about, topic, agent)
) STRICT, WITHOUT ROWID;

CREATE INDEX notices_act ON notices (act);

CREATE INDEX notices_agent ON notices (agent, act);

CREATE TRIGGER search_erased AFTER UPDATE OF bytes ON objects WHEN NEW.bytes IS NULL AND OLD.bytes IS NOT NULL BEGIN
  UPDATE search_docs SET stale = stale + 1 WHERE id = OLD.id;
END;

CREATE TABLE objects (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  bytes BLOB
) STRICT;

CREATE TABLE owners (
  credential BLOB NOT NULL CHECK (length(credential) = 32),
  node INTEGER NOT NULL REFERENCES agents,
  agent INTEGER NOT NULL REFERENCES agents,
  owner TEXT NOT NULL,
  role TEXT,
  form TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  act INTEGER NOT NULL REFERENCES objects,
  ended INTEGER REFERENCES objects,
  PRIMARY KEY (credential, node)
) STRICT, WITHOUT ROWID;

CREATE INDEX owners_agent ON owners (agent, node);

CREATE TABLE paces (
  agent TEXT PRIMARY KEY,
  since INTEGER NOT NULL,
  post_at INTEGER,
  comment_at INTEGER,
  comments INTEGER NOT NULL,
  day_from INTEGER NOT NULL,
  submolts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE peers (
  id INTEGER PRIMARY KEY,
  did INTEGER NOT NULL UNIQUE REFERENCES agents,
  url TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  log_key BLOB NOT NULL CHECK (length(log_key) = 32),
  key_statement BLOB NOT NULL,
  added_at INTEGER NOT NULL,
  contacted_at INTEGER,
  failures INTEGER NOT NULL,
  retry_at INTEGER NOT NULL,
  error TEXT
, witness_key BLOB CHECK (length(witness_key) = 32), told INTEGER NOT NULL DEFAULT 0 CHECK (told >= 0), dropped_at INTEGER) STRICT;

CREATE INDEX peers_told ON peers (told);

CREATE TABLE pending (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  bytes BLOB NOT NULL,
  submolt INTEGER NOT NULL REFERENCES objects,
  home INTEGER NOT NULL REFERENCES agents,
  status TEXT NOT NULL CHECK (status IN ('pending', 'refused')),
  code TEXT,
  detail TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CHECK ((status = 'refused') = (code IS NOT NULL))
) STRICT;

CREATE INDEX pending_home ON pending (home, id) WHERE status = 'pending';

CREATE INDEX pending_refused ON pending (updated_at) WHERE status = 'refused';

CREATE TRIGGER search_profile_changed AFTER UPDATE OF title, summary ON profiles BEGIN
  INSERT INTO search_docs (id, kind, submolt, body, titles, codes, stale, written)
  SELECT -NEW.agent, 'agent', 0, 0, 0, x'', 1, 0 WHERE true
  ON CONFLICT (id) DO UPDATE SET stale = stale + 1;
END;

CREATE TRIGGER search_profile_gone AFTER DELETE ON profiles BEGIN
  UPDATE search_docs SET stale = stale + 1 WHERE id = -OLD.agent;
END;

CREATE TRIGGER search_profile_new AFTER INSERT ON profiles BEGIN
  INSERT INTO search_docs (id, kind, submolt, body, titles, codes, stale, written)
  SELECT -NEW.agent, 'agent', 0, 0, 0, x'', 1, 0 WHERE true
  ON CONFLICT (id) DO UPDATE SET stale = stale + 1;
END;

CREATE TABLE profiles (
  agent INTEGER NOT NULL REFERENCES agents,
  node INTEGER NOT NULL REFERENCES agents,
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  joined_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (agent, node)
) STRICT, WITHOUT ROWID;

CREATE INDEX profiles_title ON profiles (title);

CREATE TABLE read_marks (
  agent INTEGER NOT NULL REFERENCES agents,
  post INTEGER NOT NULL,
  upto INTEGER NOT NULL,
  PRIMARY KEY (agent, post)
) STRICT, WITHOUT ROWID;

CREATE TABLE reports (
  act INTEGER PRIMARY KEY REFERENCES objects,
  submolt INTEGER NOT NULL REFERENCES objects,
  reporter INTEGER NOT NULL REFERENCES agents,
  subject TEXT NOT NULL,
  content TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX reports_submolt ON reports (submolt, act);

CREATE TABLE schema_migrations (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE search_cursors (
  log INTEGER PRIMARY KEY REFERENCES logs,
  idx INTEGER NOT NULL CHECK (idx >= 0)
) STRICT;

CREATE TABLE search_docs (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('post', 'comment', 'submolt', 'agent')),
  submolt INTEGER NOT NULL,
  body INTEGER NOT NULL,
  titles INTEGER NOT NULL,
  codes BLOB NOT NULL,
  stale INTEGER NOT NULL,
  written INTEGER NOT NULL
) STRICT;

CREATE INDEX search_docs_stale ON search_docs (id) WHERE stale > 0;

CREATE VIRTUAL TABLE search_index USING fts5 (codes, content = '', columnsize = 0, detail = none, tokenize = 'ascii');

CREATE TABLE 'search_index_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'search_index_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'search_index_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE search_state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL,
  words TEXT NOT NULL
) STRICT;

CREATE TABLE seen_heads (
  origin TEXT NOT NULL,
  size INTEGER NOT NULL CHECK (size > 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  note TEXT NOT NULL,
  source TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (origin, size, root)
) STRICT, WITHOUT ROWID;

CREATE TABLE signers (
  log INTEGER NOT NULL REFERENCES logs,
  agent INTEGER NOT NULL REFERENCES agents,
  PRIMARY KEY (log, agent)
) STRICT, WITHOUT ROWID;

CREATE TABLE skeletons (
  object INTEGER PRIMARY KEY REFERENCES objects,
  author INTEGER NOT NULL REFERENCES agents,
  parent INTEGER REFERENCES objects
, remains TEXT) STRICT;

CREATE TABLE sources (
  log INTEGER PRIMARY KEY REFERENCES logs,
  peer INTEGER NOT NULL REFERENCES peers,
  known_size INTEGER NOT NULL,
  checked_at INTEGER,
  halted TEXT,
  added_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sources_peer ON sources (peer);

CREATE TABLE standings (
  node TEXT PRIMARY KEY,
  standing TEXT NOT NULL CHECK (standing IN ('allowed', 'denied')),
  objects INTEGER CHECK (objects >= 0),
  decided_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER search_submolt_changed AFTER UPDATE OF slug, title, summary ON submolts
WHEN NEW.slug <> OLD.slug OR NEW.title <> OLD.title OR NEW.summary <> OLD.summary BEGIN
  INSERT INTO search_docs (id, kind, submolt, body, titles, codes, stale, written)
  SELECT NEW.object, 'submolt', NEW.object, 0, 0, x'', 1, 0 WHERE true
  ON CONFLICT (id) DO UPDATE SET stale = stale + 1;
END;

CREATE TRIGGER search_submolt_new AFTER INSERT ON submolts BEGIN
  INSERT INTO search_docs (id, kind, submolt, body, titles, codes, stale, written)
  SELECT NEW.object, 'submolt', NEW.object, 0, 0, x'', 1, 0 WHERE true
  ON CONFLICT (id) DO UPDATE SET stale = stale + 1;
END;

CREATE TABLE submolts (
  object INTEGER PRIMARY KEY REFERENCES objects,
  slug TEXT NOT NULL,
  home INTEGER NOT NULL REFERENCES agents,
  owner INTEGER NOT NULL REFERENCES agents,
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  posts INTEGER NOT NULL,
  pinned INTEGER NOT NULL,
  subscribers INTEGER NOT NULL,
  moved_to INTEGER REFERENCES agents
, described_by INTEGER REFERENCES objects) STRICT;

CREATE INDEX submolts_new ON submolts (created_at, object);

CREATE INDEX submolts_popular ON submolts (subscribers, object);

CREATE INDEX submolts_slug ON submolts (slug, home);

CREATE TABLE tiles (
  log INTEGER NOT NULL REFERENCES logs,
  level INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  data BLOB NOT NULL CHECK (length(data) BETWEEN 32 AND 8192),
  PRIMARY KEY (log, level, idx)
) STRICT;

CREATE TABLE unlisted_erasures (
  id INTEGER PRIMARY KEY,
  line TEXT NOT NULL
) STRICT;

CREATE TABLE votes (
  item INTEGER NOT NULL REFERENCES objects,
  agent INTEGER NOT NULL REFERENCES agents,
  act INTEGER NOT NULL REFERENCES objects,
  value INTEGER NOT NULL CHECK (value BETWEEN -1 AND 1),
  PRIMARY KEY (item, agent)
) STRICT, WITHOUT ROWID;

CREATE TABLE withdrawals (
  object INTEGER PRIMARY KEY REFERENCES objects,
  act INTEGER NOT NULL REFERENCES objects
) STRICT, WITHOUT ROWID;

CREATE TABLE witnessed (
  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
  origin TEXT NOT NULL,
  peer INTEGER NOT NULL REFERENCES peers,
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  note TEXT NOT NULL,
  cosigned_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX witnessed_origin ON witnessed (origin, size);

CREATE INDEX witnessed_peer ON witnessed (peer);

-- The catalogue: what the journal says, arranged for looking things up. Derived: made again by
-- replaying journal.jsonl. Times are the journal's own (RFC 3339, UTC).

CREATE TABLE position (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    entries INTEGER NOT NULL,  -- journal entries replayed so far
    size    INTEGER NOT NULL,  -- bytes of journal.jsonl they take
    link    TEXT NOT NULL      -- of the last of them
);

CREATE TABLE originals (
    digest        TEXT PRIMARY KEY,
    size          INTEGER NOT NULL,
    received_at   TEXT NOT NULL,
    internal_date TEXT,           -- of the first place
    standing      TEXT NOT NULL,  -- why it was kept, by the configuration of that night
    entry         INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE receipts (
    account     TEXT NOT NULL,
    folder      TEXT NOT NULL,
    uidvalidity INTEGER NOT NULL,
    uid         INTEGER NOT NULL,
    digest      TEXT NOT NULL REFERENCES originals,
    entry       INTEGER NOT NULL,
    first_seen    TEXT NOT NULL,
    labels        TEXT,  -- JSON, of Gmail; null where the server has none
    last_seen     TEXT,  -- of a missing place: when it was last listed
    first_missing TEXT,  -- null while the server lists it
    PRIMARY KEY (account, folder, uidvalidity, uid)
) WITHOUT ROWID;

CREATE INDEX receipts_by_digest ON receipts (digest, entry);

CREATE TABLE failures (
    account     TEXT NOT NULL,
    folder      TEXT NOT NULL,
    uidvalidity INTEGER NOT NULL,
    uid         INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    since       TEXT NOT NULL,
    PRIMARY KEY (account, folder, uidvalidity, uid)
) WITHOUT ROWID;

CREATE TABLE epochs (
    account     TEXT NOT NULL,
    folder      TEXT NOT NULL,
    uidvalidity INTEGER NOT NULL,
    since       TEXT NOT NULL,
    PRIMARY KEY (account, folder, uidvalidity)
) WITHOUT ROWID;

CREATE TABLE looks (
    account TEXT PRIMARY KEY,
    at      TEXT NOT NULL,
    folders TEXT NOT NULL  -- JSON, as the journal has it
) WITHOUT ROWID;

CREATE TABLE repairs (
    entry INTEGER PRIMARY KEY,
    at    TEXT NOT NULL,
    file  TEXT NOT NULL,
    bytes INTEGER NOT NULL
);

CREATE TABLE seals (
    entry  INTEGER PRIMARY KEY,
    at     TEXT NOT NULL,
    lines  INTEGER NOT NULL,  -- of the journal, that were sealed
    head   TEXT NOT NULL,
    stamps TEXT NOT NULL      -- JSON, as the journal has it
);

CREATE TABLE dkim (
    digest  TEXT PRIMARY KEY,
    at      TEXT NOT NULL,
    verdict TEXT NOT NULL,
    facts   TEXT NOT NULL  -- JSON, as the journal has it
) WITHOUT ROWID;

-- What a person told of an address; the last word counts.
CREATE TABLE people (
    address TEXT PRIMARY KEY,
    role    TEXT NOT NULL,
    entry   INTEGER NOT NULL
) WITHOUT ROWID;

-- What a person decided on events, in order; what was taken back stays, for the history.
CREATE TABLE decisions (
    entry  INTEGER PRIMARY KEY,
    at     TEXT NOT NULL,
    facts  TEXT NOT NULL,  -- JSON, as the journal has it
    undone INTEGER         -- the entry that took it back
);

-- Whether a message is privileged, as a person told; the last word not taken back counts.
CREATE TABLE marks (
    entry      INTEGER PRIMARY KEY,
    at         TEXT NOT NULL,
    digest     TEXT NOT NULL,
    privileged INTEGER,    -- null: as the configuration has it
    undone     INTEGER
);

-- Every version of every entry of the running log.
CREATE TABLE log (
    entry  INTEGER PRIMARY KEY,
    at     TEXT NOT NULL,
    link   TEXT NOT NULL,    -- of the journal's line
    number INTEGER NOT NULL, -- of the log's entry
    facts  TEXT NOT NULL     -- JSON, as the journal has it
);

-- Rows of service grids that a person confirmed; the last word counts.
CREATE TABLE promises (
    id    TEXT PRIMARY KEY,
    facts TEXT NOT NULL,  -- JSON, as the journal has it
    entry INTEGER NOT NULL
) WITHOUT ROWID;

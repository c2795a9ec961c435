-- The reading: what the originals say. Derived: made again from the originals. Two readings of
-- the same originals under the same configuration have the same rows.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE messages (
    digest        TEXT PRIMARY KEY,
    entry         INTEGER NOT NULL,  -- order of receipt
    message_id    TEXT NOT NULL,
    in_reply_to   TEXT NOT NULL,     -- JSON list, like the next
    refs          TEXT NOT NULL,
    people        TEXT NOT NULL,     -- JSON: {"from": [name, address], "to": [[…]], …}
    subject       TEXT NOT NULL,
    sent          TEXT,              -- RFC 3339 with the writer's own offset
    date_source   TEXT NOT NULL,
    fallback_date TEXT NOT NULL,     -- of the server, else of receipt; for a message without one
    body          TEXT NOT NULL,
    body_path     TEXT NOT NULL,
    spans         TEXT NOT NULL,     -- JSON: [[kind, start, end, unsure, source], …]; the last two where needed
    defects       TEXT NOT NULL,     -- JSON list of sentences
    dates         TEXT NOT NULL,     -- JSON: all three clocks, whichever was believed
    kept_as       TEXT NOT NULL,     -- why the journal says it was kept
    standing      TEXT,              -- by the configuration of today; null until looked at
    day           TEXT,              -- in the family's zone
    linked        INTEGER NOT NULL DEFAULT 0  -- whether its quotes were looked up; 2: with the message it answers
) WITHOUT ROWID;

CREATE INDEX messages_by_day ON messages (day, digest);

CREATE INDEX messages_by_sent ON messages (substr(sent, 1, 10));
CREATE INDEX messages_by_id ON messages (message_id);

-- Quoted and forwarded spans whose originals are held.
CREATE TABLE quotes (
    digest      TEXT NOT NULL REFERENCES messages,
    start       INTEGER NOT NULL,
    stop        INTEGER NOT NULL,
    original    TEXT NOT NULL REFERENCES messages,
    how         TEXT NOT NULL,
    differences TEXT NOT NULL,  -- JSON: [[held, quoted], …]
    PRIMARY KEY (digest, start)
) WITHOUT ROWID;

-- For finding them: numbers made of runs of words, and the ids that messages refer to.
CREATE TABLE prints (
    print  INTEGER NOT NULL,
    quoted INTEGER NOT NULL,  -- 0: the message's own words; 1: what it quotes
    digest TEXT NOT NULL REFERENCES messages,
    PRIMARY KEY (print, quoted, digest)
) WITHOUT ROWID;

CREATE TABLE refs (
    id     TEXT NOT NULL,
    digest TEXT NOT NULL REFERENCES messages,
    PRIMARY KEY (id, digest)
) WITHOUT ROWID;

-- Which promised services a message speaks of, and the one that its sender usually writes about.
CREATE TABLE said (
    digest   TEXT PRIMARY KEY REFERENCES messages,
    sender   TEXT NOT NULL,  -- address
    services TEXT NOT NULL   -- JSON list of codes
) WITHOUT ROWID;

CREATE INDEX said_by_sender ON said (sender);

CREATE TABLE usual (
    sender  TEXT PRIMARY KEY,
    service TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE parts (
    digest         TEXT NOT NULL REFERENCES messages,
    path           TEXT NOT NULL,
    name           TEXT NOT NULL,
    media_type     TEXT NOT NULL,
    size           INTEGER NOT NULL,
    content_digest TEXT NOT NULL,
    inline         INTEGER NOT NULL,
    PRIMARY KEY (digest, path)
) WITHOUT ROWID;

-- The same form sent forty times is read once.
CREATE TABLE texts (
    content_digest TEXT NOT NULL,
    media_type     TEXT NOT NULL,
    how            TEXT NOT NULL,  -- "" where it was not read
    reason         TEXT NOT NULL,  -- why it was not read; "" where it was
    notes          TEXT NOT NULL,  -- JSON list of sentences
    pages          TEXT NOT NULL,  -- JSON: [[number, text, tables], …]
    PRIMARY KEY (content_digest, media_type)
) WITHOUT ROWID;

CREATE TABLE events (
    digest     TEXT NOT NULL REFERENCES messages,
    number     INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    day        TEXT NOT NULL,
    end        TEXT,
    precision  TEXT NOT NULL,
    actor      TEXT NOT NULL,
    service    TEXT,
    minutes    INTEGER,
    reason     TEXT,
    topics     TEXT NOT NULL,
    part       TEXT NOT NULL,
    page       INTEGER,
    quote      TEXT NOT NULL,
    start      INTEGER NOT NULL,
    stop       INTEGER NOT NULL,
    confidence REAL NOT NULL,
    rule       TEXT NOT NULL,
    date_words TEXT NOT NULL,
    status     TEXT NOT NULL,  -- what a person decided is laid over what was found
    decision   INTEGER,        -- the journal entry of the decision
    people     TEXT NOT NULL,  -- JSON list of names that a person gave
    PRIMARY KEY (digest, number)
) WITHOUT ROWID;

-- Where the lines of a page's text stand, as ten-thousandths of the page as shown: five numbers a
-- line (offset in the text, left, top, right, bottom), as 32-bit little-endian, packed by zlib.
CREATE TABLE boxes (
    content_digest TEXT NOT NULL,
    media_type     TEXT NOT NULL,
    page           INTEGER NOT NULL,  -- from 1
    lines          BLOB NOT NULL,
    PRIMARY KEY (content_digest, media_type, page)
) WITHOUT ROWID;

-- What went wrong with one message; tried again at the next run.
CREATE TABLE problems (
    digest   TEXT NOT NULL,
    step     TEXT NOT NULL,
    sentence TEXT NOT NULL,
    PRIMARY KEY (digest, step)
) WITHOUT ROWID;

-- What a person told, as the catalogue has it, so that nobody who reads the reading can forget it.
CREATE TABLE log (
    entry  INTEGER PRIMARY KEY,
    at     TEXT NOT NULL,
    link   TEXT NOT NULL,
    number INTEGER NOT NULL,
    facts  TEXT NOT NULL
);

CREATE TABLE marks (
    digest     TEXT PRIMARY KEY,
    privileged INTEGER NOT NULL
) WITHOUT ROWID;

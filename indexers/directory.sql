-- The directory: who wrote to whom, when, in which thread; the reading arranged for looking up.
-- Derived: made again from the reading.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE messages (
    number      INTEGER PRIMARY KEY,  -- order of receipt, as in the reading and the search index
    digest      TEXT NOT NULL UNIQUE,
    day         TEXT NOT NULL,        -- in the family's zone
    sent        INTEGER NOT NULL,     -- seconds since 1970, for order
    thread      INTEGER NOT NULL,     -- number of its first message
    twin        TEXT NOT NULL,        -- the same for messages whose own words are the same; or ""
    standing    TEXT NOT NULL,
    attachments INTEGER NOT NULL      -- how many; pictures inside the text are not counted
);

CREATE INDEX messages_by_day ON messages (day, number);
CREATE INDEX messages_by_thread ON messages (thread, number);

CREATE TABLE people (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,
    address TEXT NOT NULL,
    UNIQUE (name, address)
);

CREATE TABLE casts (
    person INTEGER NOT NULL REFERENCES people,
    field  TEXT NOT NULL,  -- "from", "to", "cc"; bcc counts as cc
    number INTEGER NOT NULL REFERENCES messages,
    PRIMARY KEY (person, field, number)
) WITHOUT ROWID;

CREATE INDEX casts_by_number ON casts (number, field);

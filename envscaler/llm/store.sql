CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY,
    prompt TEXT NOT NULL,
    sample INTEGER NOT NULL,
    model TEXT NOT NULL,
    response BLOB NOT NULL,  -- JSON
    request BLOB             -- JSON, compressed with zlib; NULL when it is not known
);
CREATE TABLE IF NOT EXISTS waiting (
    key TEXT PRIMARY KEY,
    prompt TEXT NOT NULL,
    sample INTEGER NOT NULL,
    model TEXT NOT NULL,
    path TEXT NOT NULL,
    request BLOB NOT NULL    -- JSON, compressed with zlib
);

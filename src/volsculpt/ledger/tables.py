"""The tables of a stored ledger, the same in SQLite and PostgreSQL, and their version."""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

# SQLite keeps rows in the order of a key that it knows as INTEGER, and of no other.
SEQ = BigInteger().with_variant(Integer, "sqlite")
FORMAT = 2  # 1: events and documents; 2: postings kept beside them

TABLES = MetaData()
META = Table(
    "meta",
    TABLES,
    Column("name", String(32), primary_key=True),
    Column("value", String(64), nullable=False),
)
EVENTS = Table(
    "events",
    TABLES,
    Column("seq", SEQ, primary_key=True, autoincrement=False),
    Column("time_ns", BigInteger, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Index("events_kind", "kind", "seq"),
)
DOCUMENTS = Table(
    "documents",
    TABLES,
    Column("digest", String(64), primary_key=True),
    Column("body", Text, nullable=False),
)
POSTINGS = Table(
    "postings",
    TABLES,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("line", Integer, primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    Column("commodity", Text, nullable=False),
    Column("amount", Double, nullable=False),
)

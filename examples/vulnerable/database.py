"""What app.py needs in order to run: a database in memory with two users."""

from sqlalchemy import Column, Integer, MetaData, String, Table, insert
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.pool import StaticPool

engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
sessions = async_sessionmaker(engine)
metadata = MetaData()
users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("username", String, unique=True),
    Column("password_hash", String),
)

# Digests of the two words everybody tries first: anyone who sees them finds the words in a list.
SEEDS = [
    ("ada", "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"),
    ("bob", "65e84be33532fb784c48129675f9eff3a682b27168c0ea744b2cf58ee02337c5"),
]
is_ready = False


async def prepare():
    global is_ready
    if is_ready:
        return
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        rows = [{"username": name, "password_hash": digest} for name, digest in SEEDS]
        await connection.execute(insert(users), rows)
    is_ready = True


async def get_db():
    await prepare()
    async with sessions() as session:
        yield session

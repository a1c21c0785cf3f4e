"""Adds a user from the command line: python add_user.py ada --role admin"""

import argparse
import asyncio
import getpass

import passwords
from database import User, create_tables, sessions


async def add_user(username: str, password: str, role: str):
    await create_tables()
    async with sessions() as session:
        session.add(User(username=username, password_hash=passwords.hash_password(password), role=role))
        await session.commit()


def main():
    parser = argparse.ArgumentParser(description="Add a user")
    parser.add_argument("username")
    parser.add_argument("--role", choices=["viewer", "editor", "admin"], default="viewer")
    arguments = parser.parse_args()
    password = getpass.getpass("password: ")
    if len(password) < 15:
        parser.error("a password has at least 15 characters")
    asyncio.run(add_user(arguments.username, password, arguments.role))


if __name__ == "__main__":
    main()

"""The attacks of ../vulnerable, none of which works here."""

import asyncio
import base64
import json
import os
import tempfile

folder = tempfile.TemporaryDirectory()
os.environ["DATABASE_URL"] = f"sqlite+aiosqlite:///{folder.name}/users.db"

import jwt
import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from sqlalchemy import select

import passwords
import tokens
from add_user import add_user
from app import app, limiter
from database import User, engine, sessions

PHRASE = "an old horse and a staple"


@pytest.fixture(scope="module", autouse=True)
def users():
    async def prepare():
        await add_user("ada", PHRASE, "admin")
        await add_user("bob", PHRASE, "viewer")
        await engine.dispose()

    asyncio.run(prepare())


@pytest.fixture
def client():
    limiter.reset()
    with TestClient(app) as client:
        yield client


def sign_in(client, username="ada", password=PHRASE):
    return client.post("/login", json={"username": username, "password": password})


def admin(client, bearer):
    return client.get("/admin", headers={"Authorization": f"Bearer {bearer}"})


def stored_hash(username):
    async def read():
        async with sessions() as session:
            found = await session.scalar(select(User.password_hash).where(User.username == username))
        await engine.dispose()
        return found

    return asyncio.run(read())


def forged(**changes):
    claims = jwt.decode(tokens.issue("ada", "admin"), options={"verify_signature": False})
    claims.update(changes)
    return jwt.encode({key: value for key, value in claims.items() if value is not None}, tokens.private_key, "RS256")


def test_the_program_works(client):
    answer = sign_in(client)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert admin(client, answer.json()["access_token"]).json() == {"admin": True, "name": "ada"}


def test_passwords_are_hashed_with_argon2id():
    assert stored_hash("ada").startswith("$argon2id$")


def test_a_hash_of_older_parameters_is_renewed_at_sign_in(client):
    async def weaken():
        async with sessions() as session:
            bob = await session.scalar(select(User).where(User.username == "bob"))
            bob.password_hash = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PHRASE)
            await session.commit()
        await engine.dispose()

    asyncio.run(weaken())
    assert passwords.needs_rehash(stored_hash("bob"))
    assert sign_in(client, "bob").status_code == 200
    assert not passwords.needs_rehash(stored_hash("bob"))


def test_sql_in_the_username_is_a_name_nobody_has(client):
    payload = "' UNION SELECT 1, 'nobody', 'x', 'admin' --"
    assert sign_in(client, payload).status_code == 401
    assert sign_in(client, "ada' AND 1 = 1 --").status_code == 401


def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(client):
    unknown, wrong = sign_in(client, "eve"), sign_in(client, "ada", "wrong")
    assert (unknown.status_code, unknown.json()) == (wrong.status_code, wrong.json()) == (401, {"detail": "Invalid credentials"})


def test_an_unknown_user_costs_a_hash_like_a_known_one(client, monkeypatch):
    checked = []
    monkeypatch.setattr(passwords, "verify", lambda stored, password: checked.append(stored) or False)
    sign_in(client, "eve")
    assert checked == [passwords.DUMMY_HASH]


def test_credentials_in_the_address_are_refused(client):
    assert client.post("/login", params={"username": "ada", "password": PHRASE}).status_code == 422


def test_a_refused_request_is_not_repeated_in_the_answer(client):
    answer = client.post("/login", json={"username": "", "password": "do not repeat me", "extra": "nor me"})
    assert answer.status_code == 422
    assert "repeat me" not in answer.text and "nor me" not in answer.text


def test_guessing_is_slowed_down(client):
    statuses = [sign_in(client, "ada", f"guess {n}").status_code for n in range(6)]
    assert statuses == [401] * 5 + [429]


def test_the_admin_page_asks_for_a_token(client):
    assert client.get("/admin").status_code == 401
    assert client.get("/admin", params={"token": "made-up"}).status_code == 401
    assert admin(client, "made-up").status_code == 401


def test_a_viewer_is_not_an_admin(client):
    assert admin(client, sign_in(client, "bob").json()["access_token"]).status_code == 403


def test_a_token_says_who_issued_it_for_whom_and_until_when(client):
    claims = jwt.decode(
        sign_in(client).json()["access_token"],
        tokens.public_key,
        algorithms=["RS256"],
        audience=tokens.AUDIENCE,
        issuer=tokens.ISSUER,
    )
    assert {"iss", "aud", "sub", "role", "iat", "exp", "jti"} <= claims.keys()
    assert claims["exp"] - claims["iat"] == tokens.LIFETIME_SECS


@pytest.mark.parametrize(
    "changes",
    [{"exp": 1}, {"aud": "somebody-else"}, {"iss": "https://evil.example"}, {"exp": None}, {"jti": None}],
)
def test_a_token_with_wrong_or_missing_claims_is_refused(client, changes):
    assert admin(client, forged()).status_code == 200
    assert admin(client, forged(**changes)).status_code == 401


def test_an_unsigned_token_is_refused(client):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    claims = jwt.decode(tokens.issue("ada", "admin"), options={"verify_signature": False})
    assert admin(client, f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}.").status_code == 401


def test_a_tampered_token_is_refused(client):
    header, claims, signature = tokens.issue("bob", "viewer").split(".")
    stronger = base64.urlsafe_b64encode(base64.urlsafe_b64decode(claims + "==").replace(b"viewer", b"admin!"))
    assert admin(client, f"{header}.{stronger.rstrip(b'=').decode()}.{signature}").status_code == 401

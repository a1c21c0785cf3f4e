"""Makes what the twin needs in a folder: the database, a signing key, and a token that it prints."""

import sqlite3
import sys
import time
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for leftover in folder.glob("cases.db*"):
    leftover.unlink()
with sqlite3.connect(folder / "cases.db") as database:
    database.executescript((Path(__file__).parent.parent / "schema.sql").read_text())

# As long as the tracker's own keys.
key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
(folder / "public.pem").write_bytes(
    key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
)
now = int(time.time())
claims = {
    "iss": "http://127.0.0.1/bench",
    "aud": "http://127.0.0.1/bench/api/v1",
    "sub": "bench",
    "client_id": "bench",
    "iat": now,
    "exp": now + 3600,
    "tenant": "0199d1f0-0000-7000-8000-000000000001",
    "scope": "cases:read",
}
print(jwt.encode(claims, key, algorithm="RS256", headers={"typ": "at+jwt"}))

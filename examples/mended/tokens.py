"""Access tokens: RS256 JWTs that name who issued them, for whom, for how long, and can be told apart."""

import os
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER = "https://mended.example.org"
AUDIENCE = "mended-api"
ALGORITHM = "RS256"
LIFETIME_SECS = 15 * 60


@dataclass(frozen=True)
class Claims:
    subject: str
    role: str


def load_key() -> rsa.RSAPrivateKey:
    """The key in the file that JWT_KEY_FILE names, or a new one that lives as long as this process."""
    file = os.environ.get("JWT_KEY_FILE")
    if file is None:
        return rsa.generate_private_key(public_exponent=65537, key_size=3072)
    key = serialization.load_pem_private_key(Path(file).read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < 2048:
        raise RuntimeError("JWT_KEY_FILE needs an RSA key of at least 2048 bits")
    return key


private_key = load_key()
public_key = private_key.public_key()


def issue(subject: str, role: str) -> str:
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "role": role,
        "iat": now,
        "exp": now + LIFETIME_SECS,
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, private_key, algorithm=ALGORITHM)


def verify(token: str) -> Claims | None:
    """The claims of a token that we issued for us and that has not expired; nothing for any other."""
    try:
        claims = jwt.decode(
            token,
            public_key,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            options={"require": ["iss", "aud", "sub", "role", "iat", "exp", "jti"]},
        )
    except jwt.InvalidTokenError:
        return None
    return Claims(subject=claims["sub"], role=claims["role"])

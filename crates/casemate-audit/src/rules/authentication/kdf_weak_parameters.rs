//! A password hash that is too quick.

use casemate_python::syntax::{Constant, Op, Passing};

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, items, number, origins, path, text};
use crate::rules::cryptography::secrecy::follows_another;
use crate::rules::pattern::{Found, Site, tell};
use crate::rules::secrets::Rebuilder;

/// `kdf-weak-parameters`
pub(crate) static RULE: Rule = Rule {
    id: "AUT411",
    name: "kdf-weak-parameters",
    summary: "A password hash works with too little effort, or always with the same salt",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[916, 760],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.4.2",
    page: include_str!("kdf_weak_parameters.md"),
};

const REMEDY: &str = "Use what is recommended today: Argon2id with 19 MiB and two passes or more, scrypt with n=2**17, bcrypt with a cost of 12, PBKDF2 with 600,000 rounds of HMAC-SHA-256.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        let one = effort(cx, &site).or_else(|| salt(cx, &site));
        // A key or token has chance enough of its own.
        let is_random = site.position(0).is_some_and(|first| {
            let written = first.written().to_ascii_lowercase();
            ["api_key", "apikey", "token", "master_key", "secret_key", "seed"].iter().any(|word| written.contains(word))
        });
        found.extend(
            one.map(
                |one| if is_random || follows_another(cx, site.at.home, site.at.id) { one.suspicion() } else { one },
            ),
        );
    }
    tell(cx, &RULE, found);
}

fn too_little(site: &Site<'_>, what: &str) -> Option<Found> {
    Some(site.found(format!("{what}: whoever gets the hashes tries passwords quickly"), REMEDY))
}

fn effort(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let argument = |position, keyword| site.argument(cx, position, keyword).and_then(|at| number(cx, at));
    let rounds = |count: f64| {
        if count < 100_000.0 {
            too_little(site, &format!("PBKDF2 with {count} rounds"))
        } else if count < 600_000.0 {
            too_little(site, &format!("PBKDF2 with {count} rounds, fewer than recommended today")).map(Found::suspicion)
        } else {
            None
        }
    };
    match site.path {
        "hashlib.pbkdf2_hmac" => rounds(argument(3, "iterations")?),
        "cryptography.hazmat.primitives.kdf.pbkdf2.PBKDF2HMAC" => rounds(argument(3, "iterations")?),
        "Crypto.Protocol.KDF.PBKDF2" | "Cryptodome.Protocol.KDF.PBKDF2" => match site.argument(cx, 3, "count") {
            Some(at) => rounds(number(cx, at)?),
            None => (!site.is_open()).then(|| rounds(1000.0))?,
        },
        "bcrypt.gensalt" => cost(site, argument(0, "rounds")?),
        "flask_bcrypt.Bcrypt().generate_password_hash" | "flask_bcrypt.generate_password_hash" => {
            cost(site, argument(1, "rounds")?)
        }
        "hashlib.scrypt" => memory(site, argument(9, "n")?, argument(9, "r").unwrap_or(8.0)),
        "cryptography.hazmat.primitives.kdf.scrypt.Scrypt" => {
            memory(site, argument(2, "n")?, argument(3, "r").unwrap_or(8.0))
        }
        "Crypto.Protocol.KDF.scrypt" | "Cryptodome.Protocol.KDF.scrypt" => {
            memory(site, argument(3, "N")?, argument(4, "r").unwrap_or(8.0))
        }
        "Crypto.Protocol.KDF.bcrypt" | "Cryptodome.Protocol.KDF.bcrypt" => cost(site, argument(1, "cost")?),
        "argon2.PasswordHasher" => argon2(site, argument(0, "time_cost"), argument(1, "memory_cost")),
        "argon2.low_level.hash_secret" | "argon2.low_level.hash_secret_raw" => {
            argon2(site, argument(2, "time_cost"), argument(3, "memory_cost"))
        }
        "werkzeug.security.generate_password_hash" => {
            let method = text(cx, site.argument(cx, 1, "method")?)?;
            werkzeug(site, &method)
        }
        "passlib.context.CryptContext" => context(cx, site),
        "crypt.crypt" | "crypt.mksalt" => {
            let method = argument_at(cx, site)?;
            let name = match method.rsplit('.').next()? {
                "METHOD_CRYPT" => "DES of Unix",
                "METHOD_MD5" => "MD5 of Unix",
                _ => return None,
            };
            too_little(site, &format!("the {name}"))
        }
        path if path.starts_with("passlib.hash.") && matches!(site.name(), "using" | "hash" | "encrypt") => {
            let scheme = path.split('.').nth(2).unwrap_or_default();
            passlib(site, scheme, site.keyword(cx, "rounds").and_then(|at| number(cx, at))?)
        }
        _ => None,
    }
}

/// The method that `crypt.crypt(password, method)` or `crypt.mksalt(method)` is given.
fn argument_at<'a>(cx: &Context<'a>, site: &Site<'a>) -> Option<&'a str> {
    let at = match site.name() {
        "mksalt" => site.argument(cx, 0, "method")?,
        _ => site.argument(cx, 1, "salt")?,
    };
    path(cx, at)
}

fn cost(site: &Site<'_>, cost: f64) -> Option<Found> {
    (cost < 10.0).then(|| too_little(site, &format!("bcrypt with a cost of {cost}")))?
}

fn memory(site: &Site<'_>, n: f64, r: f64) -> Option<Found> {
    (n * r * 128.0 < 16.0 * 1024.0 * 1024.0)
        .then(|| too_little(site, &format!("scrypt with n={n} and r={r}, which is less than 16 MiB")))?
}

/// Less memory is made up for by more passes, up to a point.
fn argon2(site: &Site<'_>, passes: Option<f64>, memory: Option<f64>) -> Option<Found> {
    let (passes, memory) = (passes.unwrap_or(3.0), memory.unwrap_or(65_536.0));
    (memory * passes < 30_000.0 || memory < 7000.0)
        .then(|| too_little(site, &format!("Argon2 with {memory} KiB and {passes} passes")))?
}

fn werkzeug(site: &Site<'_>, method: &str) -> Option<Found> {
    let mut parts = method.split(':');
    match parts.next()? {
        "plain" => too_little(site, "a password that is not hashed at all"),
        "pbkdf2" => {
            let count: f64 = parts.nth(1)?.parse().ok()?;
            (count < 100_000.0).then(|| too_little(site, &format!("PBKDF2 with {count} rounds")))?
        }
        "scrypt" => {
            let n: f64 = parts.next()?.parse().ok()?;
            memory(site, n, parts.next().and_then(|r| r.parse().ok()).unwrap_or(8.0))
        }
        "md5" | "sha1" | "sha256" | "sha512" => too_little(site, "one round of a quick hash"),
        _ => None,
    }
}

fn passlib(site: &Site<'_>, scheme: &str, rounds: f64) -> Option<Found> {
    match scheme {
        "bcrypt" | "bcrypt_sha256" | "django_bcrypt" => cost(site, rounds),
        "pbkdf2_sha256" | "pbkdf2_sha512" | "pbkdf2_sha1" | "django_pbkdf2_sha256" => {
            (rounds < 25_000.0).then(|| too_little(site, &format!("PBKDF2 with {rounds} rounds")))?
        }
        "sha256_crypt" | "sha512_crypt" => {
            (rounds < 100_000.0).then(|| too_little(site, &format!("SHA-crypt with {rounds} rounds")))?
        }
        "scrypt" => (rounds < 14.0).then(|| too_little(site, &format!("scrypt with a cost of {rounds}")))?,
        _ => None,
    }
}

/// Schemes of Passlib that are one round of a quick hash, or none at all.
const QUICK: &[&str] = &[
    "plaintext",
    "ldap_plaintext",
    "hex_md4",
    "hex_md5",
    "hex_sha1",
    "hex_sha256",
    "hex_sha512",
    "ldap_md5",
    "ldap_sha1",
    "ldap_salted_md5",
    "ldap_salted_sha1",
    "ldap_hex_md5",
    "ldap_hex_sha1",
    "md5_crypt",
    "apr_md5_crypt",
    "des_crypt",
    "bsdi_crypt",
    "bigcrypt",
    "crypt16",
    "lmhash",
    "nthash",
    "msdcc",
    "msdcc2",
    "mysql323",
    "mysql41",
    "mssql2000",
    "mssql2005",
    "oracle10",
    "oracle11",
    "postgres_md5",
    "django_salted_md5",
    "django_salted_sha1",
    "django_des_crypt",
];

/// `CryptContext(schemes=["md5_crypt"])`: what is hashed anew is hashed with the first scheme, unless another is the default.
fn scheme(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let first = match site.keyword(cx, "default") {
        Some(chosen) => chosen,
        None => *items(cx, site.argument(cx, 0, "schemes")?)?.first()?,
    };
    let name = text(cx, first)?;
    QUICK.contains(&name.as_str()).then(|| too_little(site, &format!("`{name}`")))?
}

/// `CryptContext(schemes=["bcrypt"], bcrypt__rounds=4)`
fn context(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let quick = scheme(cx, site);
    if quick.is_some() {
        return quick;
    }
    site.arguments.iter().find_map(|one| {
        let Passing::Keyword(name) = one.passing else { return None };
        let (scheme, rest) = site.at.name(name).split_once("__")?;
        let value = number(cx, site.at.with(one.value))?;
        rest.ends_with("rounds").then(|| passlib(site, scheme, value))?
    })
}

/// A salt that is the same for everybody.
fn salt(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let given = match site.path {
        "hashlib.pbkdf2_hmac" => site.argument(cx, 2, "salt")?,
        "hashlib.scrypt" => site.keyword(cx, "salt")?,
        "cryptography.hazmat.primitives.kdf.pbkdf2.PBKDF2HMAC" => site.argument(cx, 2, "salt")?,
        "cryptography.hazmat.primitives.kdf.scrypt.Scrypt" => site.argument(cx, 0, "salt")?,
        "bcrypt.hashpw" => site.argument(cx, 1, "salt")?,
        "Crypto.Protocol.KDF.PBKDF2"
        | "Cryptodome.Protocol.KDF.PBKDF2"
        | "Crypto.Protocol.KDF.scrypt"
        | "Cryptodome.Protocol.KDF.scrypt" => site.argument(cx, 1, "salt")?,
        "argon2.low_level.hash_secret" | "argon2.low_level.hash_secret_raw" => site.argument(cx, 1, "salt")?,
        "crypt.crypt" => {
            site.argument(cx, 1, "salt").filter(|at| !path(cx, *at).is_some_and(|path| path.contains("METHOD")))?
        }
        _ => return None,
    };
    let origins = origins(cx, given);
    (!origins.is_empty() && origins.iter().all(|at| is_fixed(*at))).then(|| {
        site.found(
            "the salt is the same for every password: equal passwords have equal hashes, and one table of guesses serves for all".to_owned(),
            "Take a new salt for each (`os.urandom(16)`), or let the library do it: `argon2.PasswordHasher().hash(password)`.",
        )
        .confidence(Confidence::Medium)
    })
}

fn is_fixed(at: At<'_>) -> bool {
    match at.op() {
        Op::Constant(Constant::Bytes(_) | Constant::Str(_)) => true,
        _ => Rebuilder::new(at.module).text(at.function, at.value).is_some(),
    }
}

//! Keys that are too short.

use casemate_python::syntax::Op;

use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::{At, number, origins, path, text};
use crate::rules::pattern::{Found, Site, tell};

/// `weak-key-size`
pub(crate) static RULE: Rule = Rule {
    id: "CRY907",
    name: "weak-key-size",
    summary: "A key is too short for what machines can try",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[326],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.2.3",
    page: include_str!("weak_key_size.md"),
};

/// Functions that make keys: path, position and keyword of the size, and for which algorithm.
const MAKERS: &[(&str, usize, &str, Algorithm)] = &[
    ("cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key", 1, "key_size", Algorithm::Rsa),
    ("cryptography.hazmat.primitives.asymmetric.dsa.generate_private_key", 0, "key_size", Algorithm::Dsa),
    ("cryptography.hazmat.primitives.asymmetric.dsa.generate_parameters", 0, "key_size", Algorithm::Dsa),
    ("cryptography.hazmat.primitives.asymmetric.dh.generate_parameters", 1, "key_size", Algorithm::Rsa),
    ("Crypto.PublicKey.RSA.generate", 0, "bits", Algorithm::Rsa),
    ("Crypto.PublicKey.DSA.generate", 0, "bits", Algorithm::Dsa),
    ("Cryptodome.PublicKey.RSA.generate", 0, "bits", Algorithm::Rsa),
    ("Cryptodome.PublicKey.DSA.generate", 0, "bits", Algorithm::Dsa),
    ("paramiko.RSAKey.generate", 0, "bits", Algorithm::Rsa),
    ("paramiko.rsakey.RSAKey.generate", 0, "bits", Algorithm::Rsa),
    ("paramiko.DSSKey.generate", 0, "bits", Algorithm::Dsa),
    ("rsa.newkeys", 0, "nbits", Algorithm::Rsa),
    ("rsa.key.newkeys", 0, "nbits", Algorithm::Rsa),
    ("asyncssh.generate_private_key", 9, "key_size", Algorithm::Rsa),
    ("OpenSSL.crypto.PKey().generate_key", 1, "bits", Algorithm::Rsa),
    ("jwcrypto.jwk.JWK.generate", 9, "size", Algorithm::Named),
    ("authlib.jose.RSAKey.generate_key", 0, "key_size", Algorithm::Rsa),
    ("joserfc.jwk.RSAKey.generate_key", 0, "key_size", Algorithm::Rsa),
    ("M2Crypto.RSA.gen_key", 0, "bits", Algorithm::Rsa),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Rsa,
    Dsa,
    /// As `kty` says.
    Named,
}

pub(crate) fn check(cx: &mut Context<'_>) {
    let mut found = Vec::new();
    for &site in cx.sites() {
        found.extend(size(cx, &site).or_else(|| curve(cx, &site)).or_else(|| exponent(cx, &site)));
    }
    tell(cx, &RULE, found);
}

fn size(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let maker = MAKERS.iter().find(|maker| maker.0 == site.path)?;
    let algorithm = match maker.3 {
        Algorithm::Named => {
            let kty = site.keyword(cx, "kty").and_then(|at| text(cx, at))?;
            if kty != "RSA" {
                return None;
            }
            Algorithm::Rsa
        }
        other => other,
    };
    let name = if algorithm == Algorithm::Dsa { "DSA" } else { "RSA or Diffie-Hellman" };
    let bits = site.argument(cx, maker.1, maker.2);
    let bits = bits.and_then(|at| {
        number(cx, at)
            .or_else(|| origins(cx, at).into_iter().filter_map(|one| number(cx, one)).reduce(f64::min))
            .or_else(|| number(cx, unless_told(at)?))
    });
    match bits {
        Some(bits) if bits > 0.0 && bits < 2048.0 => Some(site.found(
            format!("a key of {bits} bits for {name}: numbers of that size are taken apart by machines that can be rented, or soon will be"),
            "Make it 3072 bits (2048 at the least), or use Ed25519, which is short and quick.",
        )),
        None if algorithm == Algorithm::Dsa && maker.0.contains("generate") => Some(
            site.found(
                "DSA is not approved for new signatures any more, and gives its key away when one random number repeats".to_owned(),
                "Use Ed25519 (`ed25519.Ed25519PrivateKey.generate()`).",
            )
            .severity(Severity::Medium)
            .confidence(Confidence::Medium),
        )
        // Who asks for such a key says how long it is.
        .map(|found| {
            let is_asked_for = site
                .argument(cx, maker.1, maker.2)
                .is_some_and(|bits| matches!(bits.stripped().op(), Op::Parameter(_)));
            if is_asked_for { found.suspicion() } else { found }
        }),
        _ => None,
    }
}

/// What a parameter is where the caller says nothing: `def make(bits=1024)`.
fn unless_told<'a>(at: At<'a>) -> Option<At<'a>> {
    let Op::Parameter(index) = at.stripped().op() else { return None };
    let value = at.function.parameters.get(index as usize)?.default?;
    let id = at.function.parent?;
    Some(At { id, function: at.module.function(id)?, value, ..at })
}

/// `rsa.generate_private_key(public_exponent=3, …)`
fn exponent(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let given = match site.path {
        "cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key" => site.argument(cx, 0, "public_exponent"),
        "Crypto.PublicKey.RSA.generate" | "Cryptodome.PublicKey.RSA.generate" => site.argument(cx, 2, "e"),
        "M2Crypto.RSA.gen_key" => site.position(1),
        _ => None,
    };
    let exponent = number(cx, given?)?;
    (exponent < 65_537.0).then(|| {
        site.found(
            format!(
                "with the public exponent {exponent} a text that goes to several, or has no padding, can be computed"
            ),
            "Use 65537, as everybody does.",
        )
        .severity(Severity::Medium)
    })
}

fn curve(cx: &Context<'_>, site: &Site<'_>) -> Option<Found> {
    let given = match site.path {
        "cryptography.hazmat.primitives.asymmetric.ec.generate_private_key"
        | "cryptography.hazmat.primitives.asymmetric.ec.derive_private_key" => {
            let position = usize::from(site.path.ends_with("derive_private_key"));
            site.argument(cx, position, "curve")?
        }
        "Crypto.PublicKey.ECC.generate" | "Cryptodome.PublicKey.ECC.generate" => site.keyword(cx, "curve")?,
        "ecdsa.SigningKey.generate" => site.argument(cx, 0, "curve")?,
        _ => return None,
    };
    let name = origins(cx, given).into_iter().chain([given]).find_map(|at| curve_name(cx, at))?;
    // `SECP192R1`, `SECT163K1`, `p192`, `NIST192p`, `BRAINPOOLP160r1`
    let digits: String = name.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let bits: u32 = digits.parse().ok()?;
    (100..224).contains(&bits).then(|| {
        site.found(
            format!("the curve {name} has {bits} bits, half of which count: too few"),
            "Use Ed25519 or X25519, or P-256 (`ec.SECP256R1()`).",
        )
    })
}

fn curve_name(cx: &Context<'_>, at: At<'_>) -> Option<String> {
    if let Some(path) = path(cx, at) {
        let path = path.strip_suffix("()").unwrap_or(path);
        return path.rsplit('.').next().map(str::to_owned);
    }
    match at.op() {
        Op::Constant(_) => text(cx, at),
        _ => None,
    }
}

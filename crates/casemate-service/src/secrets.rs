//! The keys that never enter the database: what makes passwords, signing keys and checkpoints worth something.

use std::fmt;

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::SecretText;

/// 256 bits that never print and are wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(Zeroizing<[u8; 32]>);

impl SecretKey {
    /// From the system's random generator.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn generate() -> Result<Self, BadSecrets> {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(&mut bytes[..]).map_err(|_| BadSecrets::NoRandomness)?;
        Ok(Self(bytes))
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        Some(Self(Zeroizing::new(<[u8; 32]>::try_from(&bytes[..]).ok()?)))
    }

    fn write(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(&self.0[..]))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// Mixed into every password hash (Argon2's secret), so that a stolen database alone does not let anybody guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pepper {
    /// Stands beside the hashes made with it.
    pub id: String,
    /// The pepper.
    pub key: SecretKey,
}

impl Pepper {
    /// A new one.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn generate() -> Result<Self, BadSecrets> {
        let mut id = [0; 6];
        rand::fill(&mut id).map_err(|_| BadSecrets::NoRandomness)?;
        Ok(Self { id: URL_SAFE_NO_PAD.encode(id), key: SecretKey::generate()? })
    }
}

/// The keys that never enter the database. The binary loads them, or makes them on first start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrets {
    /// Peppers; the first makes new hashes, the others still check old ones until their owners sign in.
    peppers: Vec<Pepper>,
    /// Seals the private keys that sign access tokens.
    seal_key: SecretKey,
    /// Signs checkpoints of the audit trail (Ed25519 seed).
    checkpoint_key: SecretKey,
}

/// Why secrets cannot be had. Never repeats them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSecrets {
    /// The system has no randomness to give.
    #[error("the system gives no random numbers")]
    NoRandomness,
    /// A line that is none of `pepper ID KEY`, `seal-key KEY`, `checkpoint-key KEY`.
    #[error(
        "line {0} is none of `pepper ID KEY`, `seal-key KEY`, `checkpoint-key KEY` (a key is 32 bytes in base64url)"
    )]
    Line(usize),
    /// A kind of key is missing, or there twice.
    #[error("there must be at least one `pepper`, one `seal-key` and one `checkpoint-key`")]
    Incomplete,
}

impl Secrets {
    /// New ones.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn generate() -> Result<Self, BadSecrets> {
        Ok(Self {
            peppers: vec![Pepper::generate()?],
            seal_key: SecretKey::generate()?,
            checkpoint_key: SecretKey::generate()?,
        })
    }

    /// Reads what [`Secrets::to_text`] wrote.
    ///
    /// # Errors
    /// When it is not of that form.
    pub fn parse(text: &str) -> Result<Self, BadSecrets> {
        let (mut peppers, mut seal_keys, mut checkpoint_keys) = (Vec::new(), Vec::new(), Vec::new());
        for (n, line) in text.lines().enumerate() {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            let key = |word: &str| SecretKey::parse(word).ok_or(BadSecrets::Line(n + 1));
            match words[..] {
                [] => {}
                [word, ..] if word.starts_with('#') => {}
                ["pepper", id, word] => peppers.push(Pepper { id: id.to_owned(), key: key(word)? }),
                ["seal-key", word] => seal_keys.push(key(word)?),
                ["checkpoint-key", word] => checkpoint_keys.push(key(word)?),
                _ => return Err(BadSecrets::Line(n + 1)),
            }
        }
        let mut ids: Vec<&str> = peppers.iter().map(|pepper| pepper.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        if peppers.is_empty() || ids.len() != peppers.len() {
            return Err(BadSecrets::Incomplete);
        }
        match (seal_keys.pop(), checkpoint_keys.pop(), seal_keys.is_empty() && checkpoint_keys.is_empty()) {
            (Some(seal_key), Some(checkpoint_key), true) => Ok(Self { peppers, seal_key, checkpoint_key }),
            _ => Err(BadSecrets::Incomplete),
        }
    }

    /// As lines for a file that only its owner reads.
    pub fn to_text(&self) -> SecretText {
        let mut text = String::from(
            "# Keys of this Casemate. Without them nobody signs in and no audit checkpoint can be checked: keep a copy apart\n\
             # from the database. The first pepper makes new password hashes; older ones below it still check old hashes.\n",
        );
        for pepper in &self.peppers {
            text += &format!("pepper {} {}\n", pepper.id, *pepper.key.write());
        }
        text += &format!("seal-key {}\n", *self.seal_key.write());
        text += &format!("checkpoint-key {}\n", *self.checkpoint_key.write());
        SecretText::from(text)
    }

    /// The same, with a new pepper in front: hashes are renewed as their owners sign in.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn with_new_pepper(mut self) -> Result<Self, BadSecrets> {
        self.peppers.insert(0, Pepper::generate()?);
        Ok(self)
    }

    pub(crate) fn pepper(&self) -> Option<&Pepper> {
        self.peppers.first()
    }

    pub(crate) fn pepper_of(&self, id: &str) -> Option<&Pepper> {
        self.peppers.iter().find(|pepper| pepper.id == id)
    }

    pub(crate) fn seal_key(&self) -> &SecretKey {
        &self.seal_key
    }

    pub(crate) fn checkpoint_key(&self) -> &SecretKey {
        &self.checkpoint_key
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let secrets = Secrets::generate().unwrap().with_new_pepper().unwrap();
        assert_eq!(Secrets::parse(secrets.to_text().expose_secret()), Ok(secrets));
    }

    #[test]
    fn half_a_file_is_refused() {
        let text = Secrets::generate().unwrap().to_text();
        let lines: Vec<&str> = text.expose_secret().lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(Secrets::parse(&lines[..2].join("\n")), Err(BadSecrets::Incomplete));
        assert_eq!(Secrets::parse(&[lines[0], lines[0], lines[1], lines[2]].join("\n")), Err(BadSecrets::Incomplete));
        assert_eq!(Secrets::parse("seal-key short"), Err(BadSecrets::Line(1)));
        assert_eq!(Secrets::parse(""), Err(BadSecrets::Incomplete));
    }

    #[test]
    fn secrets_do_not_print() {
        let secrets = Secrets::generate().unwrap();
        let printed = format!("{secrets:?}");
        for line in secrets.to_text().expose_secret().lines().filter(|line| !line.starts_with('#')) {
            let key = line.rsplit(' ').next().unwrap();
            assert!(!printed.contains(key));
        }
    }
}

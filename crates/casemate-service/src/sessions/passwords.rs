//! Hashes passwords, and says which ones do.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::rand;
use casemate_store::Credential;
use secrecy::ExposeSecret as _;
use std::time::Duration;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::sign_in::PasswordFault;
use crate::secrets::{Pepper, SecretKey};
use crate::{Fault, PasswordCost, SecretText, Secrets};

/// Fewest characters of a password (NIST SP 800-63B-4: 15 where it is the only factor).
const LEAST: usize = 15;
/// Most characters of a password.
const MOST: usize = 1_024;
/// How long a sign-in waits for its turn to hash.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether a password is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    Wrong,
    Right {
        /// Whether the hash should be made anew, with today's pepper and cost.
        is_old: bool,
    },
}

/// Hashes passwords, a few at a time: a flood of sign-ins cannot starve the rest.
pub(crate) struct Passwords {
    turns: Semaphore,
    params: Params,
    /// Checked in place of the hash that an unknown account does not have.
    decoy: Credential,
}

impl Passwords {
    pub(crate) fn new(cost: PasswordCost, secrets: &Secrets) -> Result<Self, Fault> {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|error| broken(&error))?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let decoy = hash(&params, current(secrets)?, b"no password at all")?;
        Ok(Self { turns: Semaphore::new(cores.saturating_sub(1).max(1)), params, decoy })
    }

    /// Hashes a new password.
    pub(crate) async fn hash(&self, secrets: &Secrets, password: &SecretText) -> Result<Credential, Fault> {
        let (params, pepper, password) = (self.params.clone(), current(secrets)?.clone(), prepared(password));
        self.in_turn(move || hash(&params, &pepper, &password)).await
    }

    /// Checks a password. SECURITY: without a hash to check it takes as long as with one (CWE-208).
    pub(crate) async fn check(
        &self,
        secrets: &Secrets,
        password: &SecretText,
        credential: Option<&Credential>,
    ) -> Result<Checked, Fault> {
        let known = credential.and_then(|known| Some((known, secrets.pepper_of(&known.pepper_id)?)));
        let pepper = known.map_or(current(secrets)?, |(_, pepper)| pepper).key.clone();
        let phc = known.map_or(&self.decoy, |(known, _)| known).phc.clone();
        let password = prepared(password);
        let is_right = self.in_turn(move || verify(&phc, &pepper, &password)).await?;
        match known {
            Some((known, _)) if is_right => Ok(Checked::Right { is_old: self.is_old(secrets, known)? }),
            _ => Ok(Checked::Wrong),
        }
    }

    fn is_old(&self, secrets: &Secrets, credential: &Credential) -> Result<bool, Fault> {
        let hash = PasswordHash::new(&credential.phc).map_err(|error| broken(&error))?;
        let params = Params::try_from(&hash).map_err(|error| broken(&error))?;
        let is_weaker = params.m_cost() < self.params.m_cost() || params.t_cost() < self.params.t_cost();
        Ok(is_weaker || credential.pepper_id != current(secrets)?.id)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.acquire()).await;
        let Ok(Ok(_turn)) = turn else { return Err(Fault::busy("too many sign-ins at once")) };
        tokio::task::spawn_blocking(work).await.map_err(|error| broken(&error))?
    }
}

fn current(secrets: &Secrets) -> Result<&Pepper, Fault> {
    secrets.pepper().ok_or_else(|| Fault::new("there is no pepper"))
}

/// The same text typed on different keyboards is the same password (NIST SP 800-63B-4 section 3.1.1.2).
fn prepared(password: &SecretText) -> Zeroizing<Vec<u8>> {
    let text: Zeroizing<String> = Zeroizing::new(password.expose_secret().nfkc().collect());
    Zeroizing::new(text.as_bytes().to_vec())
}

fn hash(params: &Params, pepper: &Pepper, password: &[u8]) -> Result<Credential, Fault> {
    let mut salt = [0; 16];
    rand::fill(&mut salt).map_err(|error| broken(&error))?;
    let argon2 = Argon2::new_with_secret(pepper.key.bytes(), Algorithm::Argon2id, Version::V0x13, params.clone())
        .map_err(|error| broken(&error))?;
    let hash = argon2.hash_password_with_salt(password, &salt).map_err(|error| broken(&error))?;
    Ok(Credential { phc: hash.to_string(), pepper_id: pepper.id.clone() })
}

fn verify(phc: &str, pepper: &SecretKey, password: &[u8]) -> Result<bool, Fault> {
    let hash = PasswordHash::new(phc).map_err(|error| broken(&error))?;
    // Cost, version and variant come from the hash itself.
    let argon2 = Argon2::new_with_secret(pepper.bytes(), Algorithm::Argon2id, Version::V0x13, Params::default())
        .map_err(|error| broken(&error))?;
    match argon2.verify_password(password, &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(broken(&error)),
    }
}

fn broken(error: &dyn std::fmt::Display) -> Fault {
    Fault::new(format!("hashing a password: {error}"))
}

/// Words that people put into passwords when one is demanded, in the letters [`plain`] leaves.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "passwd",
    "passphrase",
    "passcode",
    "passord",
    "motdepasse",
    "contrasena",
    "contrasenya",
    "senha",
    "parola",
    "haslo",
    "salasana",
    "kennwort",
    "geheim",
    "secret",
    "letmein",
    "welcome",
    "willkommen",
    "bienvenue",
    "changeme",
    "default",
    "administrator",
    "admin",
    "root",
    "toor",
    "superuser",
    "user",
    "guest",
    "test",
    "testing",
    "tester",
    "demo",
    "example",
    "login",
    "signin",
    "access",
    "master",
    "qwertyuiop",
    "qwerty",
    "qwertz",
    "azerty",
    "asdfghjkl",
    "asdfgh",
    "asdf",
    "zxcvbnm",
    "zxcvbn",
    "yxcvbnm",
    "qazwsxedc",
    "qazwsx",
    "wsxedc",
    "edcrfv",
    "iloveyou",
    "loveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "basketball",
    "superman",
    "batman",
    "spiderman",
    "pokemon",
    "starwars",
    "monkey",
    "dragon",
    "shadow",
    "michael",
    "jordan",
    "charlie",
    "jennifer",
    "jessica",
    "ashley",
    "daniel",
    "trustno",
    "whatever",
    "freedom",
    "computer",
    "internet",
    "security",
    "company",
    "business",
    "summer",
    "winter",
    "spring",
    "autumn",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "abcdefghijklmnopqrstuvwxyz",
    "abcdefgh",
    "abcdef",
    "abcd",
    "abc",
    "forever",
    "nothing",
    "biteme",
    "fuckyou",
    "killer",
    "hunter",
    "cookie",
    "pepper",
    "cheese",
    "banana",
    "orange",
    "purple",
    "matrix",
    "hello",
    "hallo",
    "bonjour",
    "ciao",
    "mypassword",
    "thisisapassword",
    "thisismypassword",
    "nopassword",
    "newpassword",
    "temp",
    "temporary",
];

/// Long passwords that stand in every list of leaked ones.
const LEAKED: &[&str] = &[
    "correcthorsebatterystaple",
    "correcthorsebatterystable",
    "thequickbrownfox",
    "thequickbrownfoxjumps",
    "thequickbrownfoxjumpsoverthelazydog",
    "maytheforcebewithyou",
    "loremipsumdolor",
    "loremipsumdolorsitamet",
    "tobeornottobethatisthequestion",
    "openthepodbaydoorshal",
    "supercalifragilisticexpialidocious",
    "iamthewalrus",
    "allyourbasearebelongtous",
    "neverguessthispassword",
    "youwillneverguess",
    "whatisthepassword",
];

/// Rows of keys and counting, which people walk along.
const WALKS: &[&str] = &[
    "01234567890123456789",
    "98765432109876543210",
    "qwertyuiopasdfghjklzxcvbnm",
    "mnbvcxzlkjhgfdsapoiuytrewq",
    "qwertzuiopasdfghjklyxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "zyxwvutsrqponmlkjihgfedcba",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "q1w2e3r4t5z6u7i8o9p0",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
    "1a2b3c4d5e6f7g8h9i0j",
    "a1b2c3d4e5f6g7h8i9j0",
];

/// Whether a new password does (NIST SP 800-63B-4 section 3.1.1.2). `context`: names of tenant and person, address.
pub(crate) fn check_new(password: &SecretText, context: &[&str]) -> Result<(), PasswordFault> {
    let text: Zeroizing<String> = Zeroizing::new(password.expose_secret().nfkc().collect());
    let length = text.chars().count();
    if length < LEAST {
        return Err(PasswordFault::TooShort);
    }
    if length > MOST {
        return Err(PasswordFault::TooLong);
    }
    match guess(&text, context) {
        Some(reason) => Err(PasswordFault::Guessable(reason)),
        None => Ok(()),
    }
}

/// How somebody would guess it.
fn guess(password: &str, context: &[&str]) -> Option<String> {
    let lower = Zeroizing::new(password.to_lowercase());
    let signs: Zeroizing<Vec<char>> = Zeroizing::new(lower.chars().filter(|c| !c.is_whitespace()).collect());
    if let Some(period) = (1..=4.min(signs.len() / 2)).find(|&n| signs.iter().zip(&signs[n..]).all(|(a, b)| a == b)) {
        return Some(match period {
            0 | 1 => "it repeats one character".to_owned(),
            n => format!("it repeats the same {n} characters"),
        });
    }
    let text: Zeroizing<String> = Zeroizing::new(signs.iter().collect());
    if without_walks(&text) < 5 {
        return Some("it walks along the keyboard or counts".to_owned());
    }
    let letters = Zeroizing::new(text.chars().filter(|c| c.is_alphabetic()).collect::<String>());
    if LEAKED.contains(&letters.as_str()) {
        return Some("it stands in every list of leaked passwords".to_owned());
    }
    made_of_words(&plain(&text), context).or_else(|| made_of_words(&letters, context))
}

/// Whether letters are one or two words that everybody tries, and next to nothing else.
fn made_of_words(letters: &str, context: &[&str]) -> Option<String> {
    // Words of the person, the tenant and the product too: whoever guesses knows them.
    let own: Vec<String> = context
        .iter()
        .chain(&["casemate"])
        .flat_map(|name| name.split(|c: char| !c.is_alphanumeric()).map(|word| plain(&word.to_lowercase())))
        .filter(|word| word.chars().count() >= 3)
        .collect();
    let mut words: Vec<&str> = own.iter().map(String::as_str).chain(COMMON.iter().copied()).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut rest = Zeroizing::new(letters.to_owned());
    let mut found = Vec::new();
    for word in words {
        if rest.contains(word) {
            *rest = rest.replace(word, " ");
            found.push(word);
        }
    }
    let left = rest.chars().filter(|c| c.is_alphabetic()).count();
    (!found.is_empty() && found.len() <= 2 && left < 5).then(|| {
        format!("it is made of {}", found.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" and "))
    })
}

/// Letters alone, with the digits and signs that stand for letters turned back.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' | '|' => 'i',
            '3' | '€' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            other => other,
        })
        .filter(|c| c.is_alphabetic())
        .collect()
}

/// How many characters are left without the stretches of four and more that follow a walk.
fn without_walks(text: &str) -> usize {
    let signs: Vec<char> = text.chars().collect();
    let (mut at, mut left) = (0, 0);
    while at < signs.len() {
        let longest = (4..=signs.len() - at).rev().find(|&n| {
            let stretch: String = signs[at..at + n].iter().collect();
            WALKS.iter().any(|walk| walk.contains(&stretch))
        });
        match longest {
            Some(n) => at += n,
            None => {
                at += 1;
                left += 1;
            }
        }
        // A walk is short; nobody needs to know more than that much is left.
        if left >= 16 {
            break;
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(password: &str) -> Result<(), PasswordFault> {
        check_new(&SecretText::from(password), &["Ada Lovelace", "Acme Rockets", "ada@engines.example"])
    }

    #[tokio::test]
    async fn an_unknown_account_is_hashed_for_like_a_known_one() {
        let secrets = Secrets::generate().unwrap();
        let passwords = Passwords::new(PasswordCost { memory_kib: 64, passes: 1 }, &secrets).unwrap();
        let typed = SecretText::from("violets under glass");
        let known = passwords.hash(&secrets, &typed).await.unwrap();
        assert_eq!(passwords.check(&secrets, &typed, Some(&known)).await.unwrap(), Checked::Right { is_old: false });
        assert_eq!(passwords.check(&secrets, &typed, None).await.unwrap(), Checked::Wrong);
        // Where nobody gets a turn to hash, neither is answered: both need one.
        passwords.turns.close();
        assert!(passwords.check(&secrets, &typed, Some(&known)).await.is_err());
        assert!(passwords.check(&secrets, &typed, None).await.is_err());
    }

    #[test]
    fn long_enough_and_odd_enough_passes() {
        for good in [
            "a few odd words do",
            "violets under glass",
            "kühle blaue Ziegel",
            "x9f!kQ2v0zLm#71",
            "日本語のとても長いパスワードです",
        ] {
            assert_eq!(verdict(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(verdict("fourteen chars"), Err(PasswordFault::TooShort));
        assert_eq!(verdict(&"violets under glass ".repeat(52)), Err(PasswordFault::TooLong));
        assert_eq!(verdict(&"violets under glass ".repeat(51)), Ok(()));
    }

    #[test]
    fn what_everybody_tries_is_refused_with_the_reason() {
        for (bad, reason) in [
            ("passwordpassword", "`password`"),
            ("P@ssw0rd P@ssw0rd!", "`password`"),
            ("Password123456789", "`password`"),
            ("aaaaaaaaaaaaaaaa", "one character"),
            ("abcabcabcabcabcabc", "same 3"),
            ("123456789012345", "counts"),
            ("qwertyuiopasdfghjkl", "keyboard"),
            ("1qaz2wsx3edc4rfv", "keyboard"),
            ("correct horse battery staple", "leaked"),
            ("CasemateCasemate1", "`casemate`"),
            ("AcmeRockets2026!", "`rockets` and `acme`"),
            ("lovelace-lovelace-1", "`lovelace`"),
            ("welcome to engines", "`engines` and `welcome`"),
        ] {
            match verdict(bad) {
                Err(PasswordFault::Guessable(why)) => assert!(why.contains(reason), "{bad}: {why}"),
                other => panic!("{bad}: {other:?}"),
            }
        }
    }
}

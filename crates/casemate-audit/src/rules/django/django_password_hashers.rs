//! The hasher new passwords get is fast, or no password is too weak.

use super::settings::{self, Setting};
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::told;

/// `django-password-hashers`
pub(crate) static RULE: Rule = Rule {
    id: "DJ1403",
    name: "django-password-hashers",
    summary: "A Django project keeps passwords under a fast or unsalted hash",
    severity: Severity::High,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[916],
    owasp_2021: "A02",
    owasp_2025: "A04",
    asvs: "11.4.2",
    page: include_str!("django_password_hashers.md"),
};

const HASHER: &str = "Put `Argon2PasswordHasher` or `PBKDF2PasswordHasher` first; old hashes are renewed when their owners sign in, if the old hasher stays further down.";
const VALIDATORS: &str =
    "Put Django's validators back, `MinimumLengthValidator` with 12 and `CommonPasswordValidator` above all.";

pub(crate) fn check(cx: &mut Context<'_>) {
    let Some(settings) = settings::of(cx) else { return };
    let mut found = Vec::new();
    let hashers = settings.get("PASSWORD_HASHERS");
    if let (Setting::Known(written), Some(names)) = (hashers, hashers.texts())
        && let Some(first) = names.first()
    {
        let class = first.rsplit('.').next().unwrap_or_default();
        let is_weak = matches!(
            class,
            "MD5PasswordHasher"
                | "SHA1PasswordHasher"
                | "UnsaltedMD5PasswordHasher"
                | "UnsaltedSHA1PasswordHasher"
                | "CryptPasswordHasher"
        );
        if is_weak {
            let message = format!(
                "new passwords are kept as `{class}` makes them: whoever gets the table tries billions a second"
            );
            found.push(settings.set(written, message, HASHER));
        }
    }
    if let Setting::Known(written) = settings.get("AUTH_PASSWORD_VALIDATORS")
        && written.items().is_some_and(|items| items.is_empty())
        && !settings.is_debugging()
    {
        found.push(
            settings
                .set(written, "every password will do, however short or common", VALIDATORS)
                .severity(Severity::Medium),
        );
    }
    told::report(cx, &RULE, found);
}

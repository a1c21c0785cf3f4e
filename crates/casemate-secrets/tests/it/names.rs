//! Which names speak of a secret.

use casemate_secrets::{NameKind, secret_name};

#[test]
fn names_that_speak_of_a_secret() {
    for (name, kind) in [
        ("password", NameKind::Password),
        ("DB_PASSWORD", NameKind::Password),
        ("dbPassword", NameKind::Password),
        ("dbpassword", NameKind::Password),
        ("self.passwd", NameKind::Password),
        ("spring.datasource.password", NameKind::Password),
        ("conf[\"mysql_pwd\"]", NameKind::Password),
        ("KEY_PASSPHRASE", NameKind::Password),
        ("smtp_pass", NameKind::Password),
        ("password2", NameKind::Password),
        ("PGPASSWORD", NameKind::Password),
        ("client_secret", NameKind::Key),
        ("clientSecret", NameKind::Key),
        ("self.api_key", NameKind::Key),
        ("APIKEY", NameKind::Key),
        ("X-Api-Key", NameKind::Key),
        ("aws_secret_access_key", NameKind::Key),
        ("_authToken", NameKind::Key),
        ("GITHUB_TOKEN", NameKind::Key),
        ("SECRET_KEY_BASE", NameKind::Key),
        ("stripeSecretKey", NameKind::Key),
        ("encryption-key", NameKind::Key),
        ("TOKEN_PROD", NameKind::Key),
        ("PASSWORD_SALT", NameKind::Vague),
        ("_authToken", NameKind::Key),
        ("requirepass", NameKind::Password),
        ("stripe_key", NameKind::Vague),
        ("TOKEN_GITHUB", NameKind::Vague),
    ] {
        assert_eq!(secret_name(name), Some(kind), "{name}");
    }
}

#[test]
fn names_that_do_not() {
    for name in [
        "",
        "_",
        "password_field",
        "token_type",
        "secret_name",
        "password_min_length",
        "PASSWORD_RESET_TIMEOUT",
        "csrf_token_name",
        "tokenizer",
        "author",
        "key_id",
        "public_key",
        "password_url",
        "token_endpoint",
        "password_path",
        "secret_file",
        "token_env",
        "api_key_header",
        "password_hash",
        "token_digest",
        "password_label",
        "password_placeholder",
        "password_help_text",
        "password_regex",
        "password_message",
        "monkey",
        "keyboard",
        "primary_key",
        "foreign_key",
        "cache_key",
        "sort_key",
        "is_password",
        "has_token",
        "max_tokens",
        "eos_token",
        "pad_token",
        "next_token",
        "nextPageToken",
        "passed",
        "compass",
        "secretary",
        "invalid_password",
        "forgot_password",
        "tokens_used",
        "hash_key",
        "keyword",
        "bypass",
    ] {
        assert_eq!(secret_name(name), None, "{name}");
    }
}

//! Passwords on command lines, in headers and in statements: the place tells the role, no name does.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::bytes::Regex;

use crate::leak::{Leak, LeakKind, Proof};
use crate::roles::encoded;
use crate::roles::judge::Binding;
use crate::value;

/// Places of passwords, each in a group; what stands before is a flag that only this program reads so. What is counted
/// is counted in bytes: the same in characters takes fifty times as long to make, before the first line is read.
static COMMANDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
          (?-u:\b) (?: curl | http | https ) (?-u:\b) (?-u: [^|;\n] ){0,300}? \s (?: -u | --user | --proxy-user | -a ) [=\s]? \s* ['"]? (?-u:[\w.@+\x80-\xff-])+ : (?P<curl> [^\s'"]+ )
        | (?-u:\b) (?: mysql | mysqldump | mysqladmin | mariadb | mariadb-dump | mysqlimport | mysqlcheck ) (?-u:\b) (?-u: [^|;\n] ){0,200}? \s -p (?: '(?P<mysql1>[^']+)' | "(?P<mysql2>[^"]+)" | (?P<mysql3>[^\s'"]+) )
        | (?-u:\b) sshpass \s+ -p \s* (?: '(?P<ssh1>[^']+)' | "(?P<ssh2>[^"]+)" | (?P<ssh3>[^\s'"]+) )
        | (?-u:\b) (?: docker | podman | nerdctl | helm | az | oc | buildah | skopeo | crane | twine | flit | poetry ) (?-u:\b) (?-u: [^|;\n] ){0,60}? (?-u:\b) (?: login | upload | publish ) (?-u:\b) (?-u: [^|;\n] ){0,200}? \s -p [=\s] \s* ['"]? (?P<login> [^\s'"]+ )
        | (?-u:\b) redis-cli (?-u:\b) (?-u: [^|;\n] ){0,100}? \s -a \s+ ['"]? (?P<redis> [^\s'"]+ )
        | (?-u:\b) ldap (?: search | modify | add | delete | passwd | whoami ) (?-u:\b) (?-u: [^|;\n] ){0,200}? \s -w \s* ['"]? (?P<ldap> [^\s'"]+ )
        | (?: ^ | \s ) --? pass (?: in | out | word )? \s+ ['"]? pass: (?P<openssl> [^\s'"]+ )
        | (?-u:\b) sqlcmd (?-u:\b) (?-u: [^|;\n] ){0,100}? \s -P \s* ['"]? (?P<sqlcmd> [^\s'"]+ )
        | (?-u:\b) (?i: identified \s+ by | with \s+ password | set \s+ password \s* (?: for (?-u: [^=\n] ){1,60} )? = | password ) \s+ (?: '(?P<sql1>(?-u: [^'\n] ){1,200})' | \\'(?P<sql2>(?-u: [^'\n] ){1,200})\\' )
        | (?-u:\b) echo \s+ (?:-(?-u:\w)\s+)? ['"]? (?: root | admin | (?-u:\w){1,20} ) : (?P<chpasswd> [^\s'":|]+ ) ['"]? \s* \| \s* (?: sudo \s+ )? chpasswd
        | (?i: convertto-securestring ) \s+ (?: -(?i: string ) \s+ )? (?: '(?P<ps1>(?-u: [^'\n] ){1,200})' | "(?P<ps2>(?-u: [^"\n] ){1,200})" )
        | (?i: basic_? auth ) \( \s* ["'] (?-u:[\w.@+\x80-\xff-]){1,80} ["'] \s* , \s* ["'] (?P<call> (?-u: [^"'\n] ){1,200} ) ["'] \s* \)
        | (?i: ["'>]? (?-u:\b) (?: proxy- )? authorization ) ["']? \s* [:=,]>? \s* ["'`]? (?i: basic ) \s+ (?P<basic> [A-Za-z0-9+/=_-]{6,} )
        | (?i: ["'>]? (?-u:\b) (?: proxy- )? authorization ) ["']? \s* [:=,]>? \s* ["'`]? (?i: bearer | token | apikey | api-key ) \s+ (?P<bearer> [A-Za-z0-9+/=_.~-]{12,} )
        "#,
    )
    .ok()
});

/// Words of which one stands in each such place; what the prefilter looks for.
pub(super) const STEMS: &[&str] = &[
    "curl ",
    "mysql",
    "mariadb",
    "login",
    "redis-cli",
    "ldap",
    "identified",
    "sqlcmd",
    "twine upload",
    "ConvertTo-SecureString",
];

/// Words of which one stands in each such place, however it is written. Those up to [`PROGRAMS`] take an option.
const WORDS: &[&str] = &[
    "curl",
    "http",
    "mysql",
    "mariadb",
    "sshpass",
    "login",
    "redis-cli",
    "ldap",
    "sqlcmd",
    "upload",
    "publish",
    "pass:",
    "chpasswd",
    "authorization",
    "securestring",
    "basicauth",
    "basic_auth",
    "identified",
    "password",
];
const PROGRAMS: usize = 11;
const IDENTIFIED: usize = 17;
const PASSWORD: usize = 18;

static GATE: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().ascii_case_insensitive(true).build(WORDS).ok());

/// Whether it is worth to ask the large expression about a line: one in a thousand is.
fn may_hold(line: &str) -> bool {
    let (Some(gate), bytes) = (GATE.as_ref(), line.as_bytes()) else { return true };
    let mut has_option = None;
    // Other white space than that of ASCII is of several bytes.
    let is_space = |byte: u8| byte.is_ascii_whitespace() || byte == 0x0b || byte >= 0x80;
    gate.find_overlapping_iter(bytes).any(|word| match word.pattern().as_usize() {
        program if program < PROGRAMS => *has_option.get_or_insert_with(|| {
            bytes.windows(3).any(
                |three| matches!(three, [space, b'-', b'u' | b'a' | b'p' | b'w' | b'P' | b'-'] if is_space(*space)),
            )
        }),
        IDENTIFIED => bytes.contains(&b'\''),
        PASSWORD => {
            let after = bytes.get(word.end()..).unwrap_or_default();
            let next = after.iter().find(|byte| !is_space(**byte));
            let before = bytes.get(..word.start()).unwrap_or_default().trim_ascii_end();
            matches!(next, Some(b'\'' | b'\\'))
                || before.last_chunk::<3>().is_some_and(|last| last.eq_ignore_ascii_case(b"set"))
        }
        _ => true,
    })
}

/// Finds them in a line.
pub(super) fn find(text: &str, line: Range<usize>, binding: Binding, is_product: bool, leaks: &mut Vec<Leak>) {
    let Some(part) = text.get(line.clone()).filter(|part| may_hold(part)) else { return };
    let Some(commands) = COMMANDS.as_ref() else { return };
    for found in commands.captures_iter(part.as_bytes()) {
        for name in commands.capture_names().flatten() {
            let Some(group) = found.name(name) else { continue };
            let Some(value) = part.get(group.range()) else { continue };
            let span = line.start + group.start()..line.start + group.end();
            if let Some(leak) = weigh(name, value, span, binding, is_product) {
                leaks.push(leak);
            }
        }
    }
}

fn weigh(place: &str, value: &str, span: Range<usize>, binding: Binding, is_product: bool) -> Option<Leak> {
    if value.starts_with(['$', '%', '<', '{', '`', '\\', '@']) || value::is_placeholder(value) {
        return None;
    }
    let leak = |kind, detector, what: &str, decoded| Leak {
        span,
        kind,
        detector,
        what: what.to_owned(),
        proof: Proof::Role,
        name: String::new(),
        decoded,
    };
    match place {
        "bearer" => value::looks_random(value).then(|| Leak {
            proof: Proof::Rarity,
            ..leak(LeakKind::Random, "authorization-header", "token in an Authorization header", None)
        }),
        "basic" => {
            let pair = encoded::base64_text(value)?;
            let password = encoded::password_of_pair(&pair)?;
            let is_real = !value::is_placeholder(password)
                && (value::looks_chosen(password)
                    || value::looks_random(password)
                    || binding == Binding::Firm && is_product && !value::is_filler(password));
            let decoded = password.to_owned();
            is_real.then(|| {
                leak(
                    LeakKind::Password,
                    "basic-authorization-header",
                    "user and password in an Authorization header",
                    Some(decoded),
                )
            })
        }
        _ => {
            let is_real = match binding {
                Binding::Loose => value::looks_random(value),
                _ => {
                    value::may_be_password(value)
                        && (value::looks_chosen(value)
                            || value::looks_random(value)
                            || is_product && !value::is_filler(value))
                }
            };
            is_real.then(|| leak(LeakKind::Password, "password-argument", "password on a command line", None))
        }
    }
}

//! User and password in URLs and other connection strings.

use std::ops::Range;

use super::{Hit, jwt, proof, sample};
use crate::leak::{Leak, Proof};
use crate::path::Surroundings;
use crate::roles::{Binding, Bound, NameKind, judge, secret_name};
use crate::value;

/// Longer than this is no user and no password.
const LONGEST: usize = 256;

/// `scheme://user:password@host`.
pub(super) fn url(hit: &Hit<'_>, leaks: &mut Vec<Leak>) {
    let bytes = hit.text.as_bytes();
    let start = hit.span.end;
    let window = bytes.get(start..bytes.len().min(start + LONGEST)).unwrap_or_default();
    let mut colon = None;
    let mut at = None;
    for (index, byte) in window.iter().enumerate() {
        match byte {
            b'@' => at = Some(index),
            b':' if colon.is_none() && at.is_none() => colon = Some(index),
            b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | b'\\' | b'/' | b'?' | b','
            | b';' | b')' => {
                // A slash is allowed in a password nowhere, but people write it there; the host tells.
                break;
            }
            _ => {}
        }
    }
    let (Some(colon), Some(at)) = (colon, at) else { return };
    if colon >= at {
        return;
    }
    let password = start + colon + 1..start + at;
    let Some(user) = hit.text.get(start..start + colon) else { return };
    let Some(secret) = hit.text.get(password.clone()) else { return };
    let rest = window.get(at + 1..).unwrap_or_default();
    let host_end = rest.iter().position(|byte| {
        !(byte.is_ascii_alphanumeric()
            || matches!(byte, b'.' | b'-' | b'_' | b'[' | b']' | b':' | b'{' | b'}' | b'$' | b'%'))
    });
    let host =
        rest.get(..host_end.unwrap_or(rest.len())).and_then(|host| std::str::from_utf8(host).ok()).unwrap_or_default();
    let scheme = scheme_before(hit.text, hit.span.start);
    if scheme.is_empty() || !is_worth(user, secret, host) {
        return;
    }
    let mut leak = hit.leak(password, Proof::Structure);
    super::bound_name::of(hit.text, hit.span.start - scheme.len()).clone_into(&mut leak.name);
    leak.what = match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" | "git+https" | "git+http" => "password in a URL".to_owned(),
        scheme => format!("password in a {} connection string", product(scheme)),
    };
    leaks.push(leak);
}

/// The end of an address is not looked for beyond this.
const LONGEST_ADDRESS: usize = 1024;

/// `https://host/path?api_key=…`: a secret among the parameters of an address.
pub(super) fn query(hit: &Hit<'_>, leaks: &mut Vec<Leak>) {
    let bytes = hit.text.as_bytes();
    let start = hit.span.end;
    let window = bytes.get(start..bytes.len().min(start + LONGEST_ADDRESS)).unwrap_or_default();
    let is_end = |byte: &u8| {
        byte.is_ascii_whitespace()
            || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'|' | b'\\' | b')' | b']' | b'#')
    };
    let end = window.iter().position(is_end).unwrap_or(window.len());
    let Some((address, question)) =
        window.get(..end).and_then(|address| Some((address, address.iter().position(|&byte| byte == b'?')?)))
    else {
        return;
    };
    let path = address.get(..question).unwrap_or_default();
    let host = path.split(|&byte| byte == b'/').next().and_then(|host| std::str::from_utf8(host).ok());
    // A picture that shows a state has a token that every page may show.
    if path.ends_with(b".svg") || path.ends_with(b".png") || host.is_none_or(is_example_host) {
        return;
    }
    let mut place = start + question + 1;
    for pair in address.get(question + 1..).unwrap_or_default().split(|&byte| matches!(byte, b'&' | b';')) {
        let begin = place;
        place += pair.len() + 1;
        let Some(equals) = pair.iter().position(|&byte| byte == b'=') else { continue };
        let span = begin + equals + 1..begin + pair.len();
        let (Some(name), Some(secret)) = (hit.text.get(begin..begin + equals), hit.text.get(span.clone())) else {
            continue;
        };
        // What an address was signed with ends with it.
        let is_signature = name.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("x-"));
        let bound = Bound { name, value: secret, binding: Binding::Open, surroundings: Surroundings::Example };
        let is_long = secret.len() >= 16 || secret_name(name) == Some(NameKind::Password);
        if !is_signature && is_long && secret_name(name) != Some(NameKind::Vague) && judge(&bound).is_some() {
            leaks.push(Leak { name: name.to_owned(), ..hit.leak(span, Proof::Role) });
        }
    }
}

fn product(scheme: &str) -> &str {
    let base = scheme.split(['+', ':']).next().unwrap_or(scheme);
    match base {
        "postgres" | "postgresql" | "psql" | "postgis" => "PostgreSQL",
        "mysql" | "mysql2" => "MySQL",
        "mariadb" => "MariaDB",
        "mongodb" => "MongoDB",
        "redis" | "rediss" => "Redis",
        "amqp" | "amqps" | "pyamqp" => "AMQP",
        "mssql" | "sqlserver" => "SQL Server",
        "oracle" => "Oracle",
        "ftp" | "ftps" | "sftp" => "FTP",
        "smtp" | "smtps" => "SMTP",
        "ldap" | "ldaps" => "LDAP",
        "ssh" => "SSH",
        "cloudinary" => "Cloudinary",
        _ => "database or server",
    }
}

fn scheme_before(text: &str, end: usize) -> &str {
    let before = text.as_bytes().get(end.saturating_sub(32)..end).unwrap_or_default();
    let length = before
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
        .count();
    text.get(end - length..end).unwrap_or_default().trim_start_matches(|c: char| !c.is_ascii_alphabetic())
}

/// Names of passwords and what stands for them in documentation.
const TRIVIAL: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "pw",
    "secret",
    "mypassword",
    "mypass",
    "yourpassword",
    "your-password",
    "your_password",
    "userpass",
    "user",
    "username",
    "changeme",
    "change_me",
    "changethis",
    "test",
    "testing",
    "test123",
    "testpass",
    "testpassword",
    "example",
    "foobar",
    "foo",
    "bar",
    "baz",
    "guest",
    "root",
    "toor",
    "admin",
    "postgres",
    "mysql",
    "mongo",
    "mongodb",
    "redis",
    "rabbitmq",
    "default",
    "dev",
    "demo",
    "local",
    "token",
    "pass123",
    "password1",
    "password123",
    "p",
    "x",
    "abc",
    "abc123",
    "123",
    "1234",
    "12345",
    "123456",
    "12345678",
    "secret123",
    "letmein",
    "hunter2",
    "s3cr3t",
    "p4ssw0rd",
    "passw0rd",
    "pa55word",
    "airflow",
    "celery",
    "django",
    "odoo",
    "minio",
    "minioadmin",
    "neo4j",
    "sa",
    "my-secret-pw",
    "mysecretpassword",
    "somepassword",
    "some_password",
    "supersecret",
    "topsecret",
    "key",
    "api_key",
    "apikey",
    "api_secret",
    "tiger",
    "scott",
    "wrong",
    "bad",
    "invalid",
    "none",
    "null",
    "blah",
    "dummy",
    "fake",
    "sekret",
    "sekrit",
    "swordfish",
    "opensesame",
    "correcthorse",
    "hello",
    "world",
    "qwerty",
    "access_token",
    "x-oauth-basic",
    "x-token-auth",
    "oauth2",
    "credential",
    "credentials",
];

/// What passwords of documentation and tests are put together from.
const PARTS: &[&str] = &[
    "password",
    "passwd",
    "passwort",
    "pass",
    "pwd",
    "secret",
    "user",
    "name",
    "token",
    "test",
    "key",
    "auth",
    "admin",
    "root",
    "guest",
    "foo",
    "bar",
    "baz",
    "local",
    "demo",
    "some",
    "super",
    "change",
    "this",
    "example",
    "sample",
    "dummy",
    "fake",
    "client",
    "login",
    "account",
    "basic",
    "proxy",
    "explicit",
    "netrc",
    "your",
    "my",
    "the",
    "api",
    "dev",
    "db",
    "me",
    "pw",
    "word",
    "ing",
    "show",
    "dont",
    "hidden",
    "sensitive",
    "value",
    "here",
    "access",
    "real",
    "not",
    "very",
    "really",
    "good",
    "strong",
    "complex",
];

/// Whether nothing but such parts, numbers and signs is in it.
fn is_put_together(secret: &str) -> bool {
    let mut rest = secret.to_ascii_lowercase();
    for part in PARTS {
        rest = rest.replace(part, "");
    }
    let letters = rest.bytes().filter(u8::is_ascii_alphabetic).count();
    rest.len() < secret.len() && letters <= 1 && rest.len() <= 5
}

/// Without `%40` and the like: what remains was written by a person.
fn without_encoding(secret: &str) -> String {
    let mut out = String::with_capacity(secret.len());
    let mut rest = secret;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let encoded = after.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        rest = if encoded.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    out.push_str(rest);
    out
}

/// Whether a reviewer would want to hear of this password for this host.
fn is_worth(user: &str, secret: &str, host: &str) -> bool {
    if secret.is_empty() || is_hole(secret) || is_hole(host) || is_hole(user) || value::is_placeholder(secret) {
        return false;
    }
    let plain = without_encoding(secret);
    let secret = plain.as_str();
    let lower = secret.to_ascii_lowercase();
    // Oracle's and SQLAlchemy's sample user; a user that is called so, with a word for a password.
    let sample_user = user == "scott"
        || TRIVIAL.contains(&user.to_ascii_lowercase().as_str())
            && user != "root"
            && user != "admin"
            && user != "postgres";
    let word = secret.len() <= 12 && secret.bytes().all(|byte| byte.is_ascii_lowercase());
    if is_put_together(secret) || user == "scott" || sample_user && word {
        return false;
    }
    if TRIVIAL.contains(&lower.as_str())
        || lower == user.to_ascii_lowercase()
        || secret.bytes().all(|byte| byte == b'*' || byte == b'.' || byte == b'x' || byte == b'X')
    {
        return false;
    }
    if host.is_empty() || is_example_host(host) {
        return false;
    }
    if is_local_host(host) {
        return is_strong(secret, user);
    }
    !looks_like_port(secret)
}

/// A password that was not made for one machine and one afternoon.
fn is_strong(secret: &str, user: &str) -> bool {
    let has = |class: fn(&u8) -> bool| secret.as_bytes().iter().any(class);
    let letters = has(u8::is_ascii_alphabetic);
    let others = has(u8::is_ascii_digit) || has(u8::is_ascii_punctuation);
    let lower = secret.to_ascii_lowercase();
    let said = ["pass", "secret", "test", "admin", "local", "dev", "root", "user", "1234", "guest"];
    secret.len() >= 10
        && letters
        && others
        && has(u8::is_ascii_digit)
        && !said.iter().any(|word| lower.contains(word))
        && (user.len() < 3 || !lower.contains(&user.to_ascii_lowercase()))
        && !sample::is_monotonous(secret)
}

/// A format hole, a variable, a mask: nothing that is a password itself.
fn is_hole(text: &str) -> bool {
    // `%d2` is an encoded byte, `%d` a format.
    let number =
        text.match_indices("%d").any(|(at, _)| !text.as_bytes().get(at + 2).is_some_and(u8::is_ascii_hexdigit));
    text.contains(['{', '}', '<', '>', '(', ')'])
        || ["%s", "%r", "%v", "${", "**"].iter().any(|sign| text.contains(sign))
        || number
        || text.starts_with(['$', '['])
        || text.len() > 2 && text.starts_with('%') && text.ends_with('%')
}

fn bare_host(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or(rest);
    }
    host.split(':').next().unwrap_or(host)
}

/// A host that documentation and tests use.
fn is_example_host(host: &str) -> bool {
    let host = bare_host(host).to_ascii_lowercase();
    let host = host.trim_end_matches('.');
    let said = [
        "example",
        "host",
        "hostname",
        "server",
        "domain",
        "yourhost",
        "myhost",
        "somehost",
        "ip",
        "address",
        "foo",
        "bar",
        "baz",
        "test",
        "some",
        "xxx",
        "netloc",
        "whatever",
        "hostname1",
        "proxy",
        "proxyserver",
        "a",
        "b",
        "c",
        "h",
    ];
    said.contains(&host)
        || host.contains("example")
        || host.starts_with("hostname")
        || host.starts_with("notahost")
        || ["test", "invalid", "localdomain", "dom", "tld", "bar", "server", "secure"]
            .iter()
            .any(|last| host.rsplit('.').next() == Some(last))
        || [
            "domain.com",
            "domain.tld",
            "host.com",
            "server.com",
            "foo.com",
            "bar.com",
            "test.com",
            "mydomain.com",
            "yourdomain.com",
            "somewhere.com",
            "website.com",
            "mysite.com",
            "company.com",
            "host.name",
            "site.com",
            "acme.com",
            "python.org",
            "proxy.com",
            "myproxy.com",
            "myhost.com",
            "email.com",
        ]
        .iter()
        .any(|known| host == *known || host.strip_suffix(known).is_some_and(|front| front.ends_with('.')))
}

/// A host that nobody reaches from outside: this machine, or a service of a compose file.
fn is_local_host(host: &str) -> bool {
    let host = bare_host(host).to_ascii_lowercase();
    host == "localhost"
        || host.starts_with("127.")
        || host == "::1"
        || host == "0.0.0.0"
        || host.starts_with("host.docker.")
        || host.ends_with(".local")
        || host.ends_with(".localhost")
        || !host.contains('.')
}

/// `host:port@…` is no user and password; neither is a short number.
fn looks_like_port(secret: &str) -> bool {
    secret.len() <= 5 && secret.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text between quotes or line ends around a place, with where it begins.
fn literal_around(text: &str, at: usize) -> (usize, usize) {
    const AROUND: usize = 512;
    let bytes = text.as_bytes();
    let stops = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`' | b'\n' | b'\r' | b'<' | b'>');
    let before = bytes.get(at.saturating_sub(AROUND)..at).unwrap_or_default();
    let start = at - before.iter().rev().take_while(|byte| !stops(byte)).count();
    let after = bytes.get(at..bytes.len().min(at + AROUND)).unwrap_or_default();
    let end = at + after.iter().take_while(|byte| !stops(byte)).count();
    (start, end)
}

/// `Server=…;User Id=…;Password=…`, `host=… user=… password=…`, `jdbc:…?user=…&password=…`.
pub(super) fn pairs(hit: &Hit<'_>, leaks: &mut Vec<Leak>) {
    let text = hit.text;
    let (start, end) = literal_around(text, hit.span.end);
    let start = (start..=hit.span.start).find(|at| text.is_char_boundary(*at)).unwrap_or(hit.span.start);
    let end = (hit.span.end..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(hit.span.end);
    let (Some(before), Some(after)) = (text.get(start..hit.span.start), text.get(hit.span.end..end)) else { return };
    let whole = text.get(start..end).unwrap_or_default().to_ascii_lowercase();
    // In an ODBC string a value may be quoted or in braces.
    let previous = before.chars().next_back();
    let url =
        before.contains("://") && (before.contains('?') || before.starts_with("jdbc:") || before.contains("jdbc:"));
    let has = |keys: &[&str]| keys.iter().any(|key| whole.contains(key));
    let semicolons = whole.contains(';')
        && has(&[
            "server=",
            "data source=",
            "host=",
            "uid=",
            "user id=",
            "dsn=",
            "driver=",
            "database=",
            "userid=",
            "initial catalog=",
            "username=",
            "user=",
            "server =",
            "data source =",
            "user id =",
            "address=",
            "addr=",
        ]);
    let spaces = has(&["host=", "hostaddr="])
        && has(&["dbname=", "user=", "port="])
        && !whole.contains(';')
        && !whole.contains(',')
        && !whole.contains('(');
    let separator: &[char] = if url {
        if !matches!(previous, Some('&' | '?' | ';' | ':')) {
            return;
        }
        &['&', ';', ' ', ',', '#']
    } else if semicolons {
        if !matches!(previous, None | Some(';' | ' ' | '\t')) {
            return;
        }
        &[';']
    } else if spaces {
        if !matches!(previous, None | Some(' ' | '\t')) {
            return;
        }
        &[' ', '\t']
    } else {
        return;
    };
    let secret = after.split(separator).next().unwrap_or_default();
    let trimmed = secret.trim();
    let skip = secret.len() - secret.trim_start().len();
    let span = hit.span.end + skip..hit.span.end + skip + trimmed.len();
    let find = |keys: &[&str]| {
        keys.iter().find_map(|key| {
            let at = whole.find(key)?;
            whole.get(at + key.len()..)?.split([';', '&', ' ', ',']).next().map(str::to_owned)
        })
    };
    let user = find(&["user id=", "userid=", "uid=", "username=", "user="]).unwrap_or_default();
    let host = if url {
        let at = whole.find("://").map_or(0, |at| at + 3);
        whole.get(at..).and_then(|rest| rest.split(['/', '?', ';', ':']).next()).unwrap_or_default().to_owned()
    } else {
        let host = find(&["data source=", "server=", "hostaddr=", "host=", "address=", "addr="])
            .unwrap_or_else(|| "unnamed.host".to_owned());
        let host = host.trim_start_matches("tcp:").split(['\\', ',']).next().unwrap_or_default().to_owned();
        if host == "." || host == "(local)" || host.starts_with("(localdb)") { "localhost".to_owned() } else { host }
    };
    if trimmed.len() > LONGEST || trimmed.contains(char::is_whitespace) || !is_worth(&user, trimmed, &host) {
        return;
    }
    let mut leak = hit.leak(span, Proof::Structure);
    super::bound_name::of(text, start).clone_into(&mut leak.name);
    leaks.push(leak);
}

/// `jdbc:oracle:thin:user/password@host`.
pub(super) fn oracle(hit: &Hit<'_>, leaks: &mut Vec<Leak>) {
    let (_, end) = literal_around(hit.text, hit.span.end);
    let Some(rest) = hit.text.get(hit.span.end..end) else { return };
    let Some((driver, rest)) = rest.split_once(':') else { return };
    let Some((user, rest)) = rest.split_once('/') else { return };
    let Some((secret, host)) = rest.split_once('@') else { return };
    if user.contains('@') || driver.contains('@') {
        return;
    }
    let start = hit.span.end + driver.len() + 1 + user.len() + 1;
    let host = host.trim_start_matches('/').split(['/', ':']).next().unwrap_or_default();
    if is_worth(user, secret, host) {
        leaks.push(hit.leak(start..start + secret.len(), Proof::Structure));
    }
}

/// The run of Base64 that begins here.
fn base64_run(text: &str, start: usize) -> Range<usize> {
    let bytes = text.as_bytes().get(start..).unwrap_or_default();
    let length = bytes
        .iter()
        .take(4096)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
        .count();
    start..start + length
}

/// User and password in Base64, as HTTP sends them.
fn encoded(hit: &Hit<'_>, span: Range<usize>, leaks: &mut Vec<Leak>) {
    let Some(run) = hit.text.get(span.clone()) else { return };
    if run.len() < 12 || run.len() % 4 == 1 {
        return;
    }
    let Some(decoded) = proof::base64(run).and_then(|bytes| String::from_utf8(bytes).ok()) else { return };
    if decoded.chars().any(char::is_control) {
        return;
    }
    let Some((user, secret)) = decoded.split_once(':') else { return };
    // No host is known; what would be worth telling for one that is remote is.
    // A word alone is what tests write.
    let word = secret.chars().all(|c| c.is_lowercase() || !c.is_ascii() || c == '_');
    if secret.len() < 6
        || word
        || sample::is_published(&decoded)
        || !is_worth(user, secret, "unnamed.host")
        || sample::is_sample(secret, "")
    {
        return;
    }
    let mut leak = hit.leak(span, Proof::Structure);
    leak.decoded = Some(decoded);
    leaks.push(leak);
}

/// `Authorization: Basic …`.
pub(super) fn basic(hit: &Hit<'_>, leaks: &mut Vec<Leak>) {
    encoded(hit, base64_run(hit.text, hit.span.end), leaks);
}

/// `"auths": {"registry": {"auth": "…"}}`.
pub(super) fn docker(hit: &Hit<'_>, leaks: &mut Vec<Leak>) {
    let Some(rest) = hit.text.get(hit.span.end..) else { return };
    let trimmed = rest.trim_start().strip_prefix(':').map(str::trim_start).and_then(|rest| rest.strip_prefix('"'));
    let Some(value) = trimmed else { return };
    let start = hit.text.len() - value.len();
    if start - hit.span.end < 16 {
        encoded(hit, base64_run(hit.text, start), leaks);
    }
}

/// `machine host login user password secret`.
pub(super) fn netrc(hit: &Hit<'_>, leaks: &mut Vec<Leak>) {
    let Some(rest) = hit.text.get(hit.span.end..) else { return };
    let mut words = rest.split_whitespace();
    let (Some(host), Some("login"), Some(user), Some("password"), Some(secret)) =
        (words.next(), words.next(), words.next(), words.next(), words.next())
    else {
        return;
    };
    let start = secret.as_ptr() as usize - hit.text.as_ptr() as usize;
    if secret.len() <= LONGEST && is_worth(user, secret, host) {
        leaks.push(hit.leak(start..start + secret.len(), Proof::Structure));
    }
}

/// `…?sv=…&se=…&sig=…`: the right to use a storage account, for anybody who has the address.
pub(super) fn azure_sas(hit: &Hit<'_>, leaks: &mut Vec<Leak>) {
    let (start, end) = literal_around(hit.text, hit.span.end);
    let start = (start..=hit.span.start).find(|at| hit.text.is_char_boundary(*at)).unwrap_or(hit.span.start);
    let Some(before) = hit.text.get(start..hit.span.start) else { return };
    let end = (hit.span.end..=end).rev().find(|at| hit.text.is_char_boundary(*at)).unwrap_or(hit.span.end);
    let Some(after) = hit.text.get(hit.span.end..end) else { return };
    let has = |key: &str| before.contains(key) || after.contains(key);
    if !(has("sv=20") || has("sr=")) || !has("se=") {
        return;
    }
    let length = after
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'%' | b'+' | b'/' | b'='))
        .count();
    let Some(signature) = after.get(..length) else { return };
    let decoded = signature
        .replace("%2B", "+")
        .replace("%2b", "+")
        .replace("%2F", "/")
        .replace("%2f", "/")
        .replace("%3D", "=")
        .replace("%3d", "=");
    let year = |text: &str| text.split_once("se=").and_then(|(_, rest)| rest.get(..4)?.parse::<u16>().ok());
    let expired = year(before).or_else(|| year(after)).is_some_and(|year| year < jwt::THIS_IS_OVER);
    let whole = proof::base64(&decoded).is_some_and(|bytes| bytes.len() == 32);
    if whole && !sample::is_sample(&decoded, "") {
        let mut leak = hit.leak(hit.span.end..hit.span.end + length, Proof::Structure);
        if expired {
            leak.what.push_str(", expired");
        }
        leaks.push(leak);
    }
}

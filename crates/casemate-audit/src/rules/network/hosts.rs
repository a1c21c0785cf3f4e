//! Where an address leads: to this machine, to a neighbour by a single name, or over a network.

/// How far away a host is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distance {
    /// This machine.
    Here,
    /// A name without a dot, or one that only a private network knows: containers of one deployment and the like.
    Near,
    /// Anywhere else.
    Far,
}

/// How far away a host is, by its name or address, with or without a port.
pub(crate) fn distance(host: &str) -> Distance {
    let host = without_port(host.trim()).to_ascii_lowercase();
    let host = host.trim_end_matches('.');
    if host.is_empty()
        || host == "localhost"
        || host.ends_with(".localhost")
        || host.starts_with("127.")
        || matches!(host, "::1" | "0.0.0.0" | "::" | "host.docker.internal" | "localhost.localdomain")
        || host.starts_with('/')
    {
        return Distance::Here;
    }
    let private = |host: &str| {
        host.starts_with("10.")
            || host.starts_with("192.168.")
            || host.starts_with("172.")
                && host
                    .split('.')
                    .nth(1)
                    .and_then(|part| part.parse::<u8>().ok())
                    .is_some_and(|part| (16..32).contains(&part))
    };
    if host.contains(['{', '}', '<', '>', '%', '$'])
        || (!host.contains('.') && !host.contains(':'))
        || [".local", ".internal", ".svc", ".lan", ".test", ".example", ".invalid", ".home", ".arpa"]
            .iter()
            .any(|end| host.ends_with(end))
        || private(host)
    {
        return Distance::Near;
    }
    Distance::Far
}

/// The parts of a URL that say where it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address<'t> {
    /// In lower case as written.
    pub(crate) scheme: &'t str,
    /// Name and port.
    pub(crate) host: &'t str,
    /// Whether a user stands before the host.
    pub(crate) has_user: bool,
    /// What follows the host.
    pub(crate) rest: &'t str,
}

/// A URL taken apart, as far as that is possible for one with holes.
pub(crate) fn address(url: &str) -> Option<Address<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    if scheme.is_empty() || !scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-')) {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at_checked(end)?;
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    Some(Address { scheme, host, has_user: user.is_some_and(|user| !user.is_empty()), rest })
}

fn without_port(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or(rest);
    }
    match host.rsplit_once(':') {
        // More than one colon is an address without a port.
        Some((name, port)) if !name.contains(':') && port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_told_apart() {
        for host in ["localhost", "localhost:6379", "127.0.0.1", "[::1]:50051", "::1", ""] {
            assert_eq!(distance(host), Distance::Here, "{host}");
        }
        for host in ["redis", "db:5432", "10.0.0.7", "172.20.1.1", "api.svc", "cache.internal", "{host}"] {
            assert_eq!(distance(host), Distance::Near, "{host}");
        }
        for host in ["api.acme.io", "172.64.0.1", "8.8.8.8:53", "2001:db8::7"] {
            assert_eq!(distance(host), Distance::Far, "{host}");
        }
    }

    #[test]
    fn a_url_is_taken_apart() {
        let found = address("amqp://user:word@mq.acme.io:5672/vhost").unwrap();
        assert_eq!((found.scheme, found.host, found.has_user, found.rest), ("amqp", "mq.acme.io:5672", true, "/vhost"));
        assert_eq!(address("no url"), None);
    }
}

//! What the operator decided about HTTP, checked before the first request.

use std::time::Duration;

use ipnet::IpNet;
use url::{Host, Url};

/// So many requests in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Requests at once, and in the window.
    pub requests: u32,
    /// The window.
    pub window_secs: u32,
}

impl Limit {
    /// The limit, if both numbers are at least 1.
    pub fn new(requests: u32, window_secs: u32) -> Option<Self> {
        (requests > 0 && window_secs > 0).then_some(Self { requests, window_secs })
    }
}

/// `600/60`: requests in seconds.
impl std::str::FromStr for Limit {
    type Err = SettingsFault;

    fn from_str(text: &str) -> Result<Self, SettingsFault> {
        let fault = || SettingsFault::BadLimit(text.to_owned());
        let (requests, window_secs) = text.split_once('/').ok_or_else(fault)?;
        let number = |text: &str| text.parse().map_err(|_| fault());
        Self::new(number(requests)?, number(window_secs)?).ok_or_else(fault)
    }
}

/// Why a setting is refused; says what to set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsFault {
    /// The base address.
    #[error("base URL `{0}` must be like `https://casemate.example.org`, without a path")]
    BadBaseUrl(String),
    /// Cookies and tokens would travel in the clear.
    #[error("base URL `{0}` must begin with https://; plain http is for 127.0.0.1 and localhost only")]
    PlainBaseUrl(String),
    /// Anybody's page could read what the signed-in person sees.
    #[error("CORS origin `{0}` is a wildcard; name each origin, like `https://dashboard.example.org`")]
    WildcardOrigin(String),
    /// Not an origin.
    #[error("CORS origin `{0}` must be an origin, like `https://dashboard.example.org`, https unless loopback")]
    BadOrigin(String),
    /// Not a limit.
    #[error("limit `{0}` must be requests and seconds, like `600/60`, both at least 1")]
    BadLimit(String),
}

/// What the operator decided.
#[derive(Clone, Debug)]
pub struct WebSettings {
    base_url: String,
    is_https: bool,
    hosts: Vec<String>,
    origins: Vec<String>,
    cors_origins: Vec<String>,
    /// Whom to tell about a security hole, as `security.txt` says it.
    pub security_contact: String,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whoever does not come through such a proxy is turned away: what they send was not encrypted.
    pub only_through_proxies: bool,
    /// A request that takes longer is given up with 503.
    pub request_timeout: Duration,
    /// Requests worked on at once; more are turned away with 503.
    pub concurrent_requests: usize,
    /// Requests of one network address.
    pub per_address: Limit,
    /// Sign-ins, set-ups, invitations, resets and token requests of one network address.
    pub per_address_signing_in: Limit,
    /// Requests of one signed-in person or client.
    pub per_caller: Limit,
    /// Reports, verifications and the like of one tenant.
    pub per_tenant_heavy: Limit,
}

impl WebSettings {
    /// Safe settings for a server that people reach at `base_url`.
    ///
    /// # Errors
    /// When the address is no base address, or is plain http and not this machine.
    pub fn new(base_url: &str) -> Result<Self, SettingsFault> {
        let bad = || SettingsFault::BadBaseUrl(base_url.to_owned());
        let url = Url::parse(base_url).map_err(|_| bad())?;
        let is_bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let is_https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(bad()),
        };
        let (true, Some(host)) = (is_bare, url.host()) else { return Err(bad()) };
        let is_loopback = is_loopback(&host);
        if !is_https && !is_loopback {
            return Err(SettingsFault::PlainBaseUrl(base_url.to_owned()));
        }
        let mut hosts = vec![host.to_string()];
        if is_loopback {
            hosts.extend(["127.0.0.1", "localhost", "[::1]"].map(str::to_owned));
        }
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let hosts: Vec<String> = hosts.into_iter().map(|host| format!("{host}{port}")).collect();
        let origins = hosts.iter().map(|host| format!("{}://{host}", url.scheme())).collect();
        Ok(Self {
            base_url: url.origin().ascii_serialization(),
            is_https,
            hosts,
            origins,
            cors_origins: Vec::new(),
            // RFC 2142 section 4: the address every domain should have.
            security_contact: format!("mailto:security@{}", url.host_str().unwrap_or("localhost")),
            trusted_proxies: Vec::new(),
            only_through_proxies: false,
            request_timeout: Duration::from_secs(30),
            concurrent_requests: 512,
            per_address: Limit { requests: 1_200, window_secs: 60 },
            per_address_signing_in: Limit { requests: 60, window_secs: 60 },
            per_caller: Limit { requests: 600, window_secs: 60 },
            per_tenant_heavy: Limit { requests: 60, window_secs: 60 },
        })
    }

    /// Lets pages of these origins call the API, without cookies.
    ///
    /// # Errors
    /// When one is a wildcard, `null`, or no origin.
    pub fn allow_origins(&mut self, origins: &[String]) -> Result<(), SettingsFault> {
        for origin in origins {
            if origin.contains('*') || origin == "null" {
                return Err(SettingsFault::WildcardOrigin(origin.clone()));
            }
            let bad = || SettingsFault::BadOrigin(origin.clone());
            let url = Url::parse(origin).map_err(|_| bad())?;
            let host = url.host().ok_or_else(bad)?;
            let is_sound = url.origin().ascii_serialization() == *origin
                && (url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&host)));
            if !is_sound {
                return Err(bad());
            }
            self.cors_origins.push(origin.clone());
        }
        Ok(())
    }

    /// The address people and programs use, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Whether that address is reached through TLS.
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether the `Host` header names us.
    pub(crate) fn is_our_host(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let standard = if self.is_https { ":443" } else { ":80" };
        let host = host.strip_suffix(standard).unwrap_or(&host);
        self.hosts.iter().any(|ours| ours == host)
    }

    /// Whether the `Origin` header names us.
    pub(crate) fn is_our_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|ours| ours == origin)
    }

    /// Whether pages of this origin may call the API.
    pub(crate) fn is_cors_origin(&self, origin: &str) -> bool {
        self.cors_origins.iter().any(|allowed| allowed == origin)
    }
}

/// Whether the host is this machine for certain.
fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1", "https://casemate.example.org/"] {
            assert!(WebSettings::new(good).is_ok(), "{good}");
        }
        for bad in [
            "http://casemate.example.org",
            "http://10.0.0.1:8080",
            "http://localhost.example.org",
            "https://example.org/casemate",
            "https://user@example.org",
            "https://example.org?x",
            "ftp://localhost",
            "casemate",
        ] {
            assert!(WebSettings::new(bad).is_err(), "{bad}");
        }
    }

    // ASVS 3.4.2: wildcards, `null` and loose origins cannot be put on the allowlist
    #[test]
    fn only_exact_origins_get_on_the_cors_list() {
        let allow = |origin: &str| {
            WebSettings::new("http://127.0.0.1:1").and_then(|mut s| s.allow_origins(&[origin.to_owned()]))
        };
        assert_eq!(allow("https://dashboard.example.org"), Ok(()));
        assert_eq!(allow("http://localhost:3000"), Ok(()));
        for bad in [
            "*",
            "null",
            "https://*.example.org",
            "http://dashboard.example.org",
            "https://example.org/",
            "https://example.org:443",
            "example.org",
            "file:///x",
        ] {
            assert!(allow(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hosts_match_whole_and_with_their_port() {
        let local = WebSettings::new("http://127.0.0.1:8080").unwrap();
        for ours in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080"] {
            assert!(local.is_our_host(ours), "{ours}");
        }
        for other in ["localhost", "127.0.0.1:80", "127.0.0.1:8080.example.org", "example.org", ""] {
            assert!(!local.is_our_host(other), "{other}");
        }
        let public = WebSettings::new("https://casemate.example.org").unwrap();
        assert!(public.is_our_host("casemate.example.org") && public.is_our_host("casemate.example.org:443"));
        assert!(!public.is_our_host("localhost") && !public.is_our_host("evil.casemate.example.org"));
    }

    #[test]
    fn limits_are_requests_in_seconds() {
        assert_eq!("600/60".parse(), Ok(Limit { requests: 600, window_secs: 60 }));
        for bad in ["600", "0/60", "60/0", "a/b", "-1/60", ""] {
            assert!(bad.parse::<Limit>().is_err(), "{bad}");
        }
    }
}

//! Where a request came from: its id, its address behind declared proxies, what the program calls itself.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use casemate_service::Origin;
use http::HeaderMap;
use http::header::USER_AGENT;
use http::request::Parts;
use ipnet::IpNet;
use uuid::Uuid;

use crate::failure::{Code, Failure};
use crate::settings::WebSettings;
use crate::state::AppState;

/// Where the request came from, for use cases that ask without a caller. A handler takes it as an argument.
#[derive(Clone, Debug)]
pub struct RequestOrigin(pub Origin);

impl FromRequestParts<AppState> for RequestOrigin {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Failure> {
        parts.extensions.get::<Origin>().cloned().map(Self).ok_or_else(|| Failure::new(Code::Internal))
    }
}

/// Finds it out.
pub(crate) fn of(request: &Request, settings: &WebSettings) -> Origin {
    let peer = peer(request);
    let headers = request.headers();
    let is_proxied = is_trusted(peer, &settings.trusted_proxies);
    // SECURITY: an id from outside would let strangers write into our log; a declared proxy may hand one on.
    let handed_on = headers.get("x-request-id").and_then(|value| value.to_str().ok()).filter(|id| is_plain_id(id));
    let request_id = match handed_on {
        Some(id) if is_proxied => id.to_owned(),
        _ => Uuid::now_v7().to_string(),
    };
    Origin { request_id, ip: client_address(peer, headers, &settings.trusted_proxies), agent: agent(headers) }
}

/// Whether a declared proxy handed it on.
pub(crate) fn is_through_proxy(request: &Request, settings: &WebSettings) -> bool {
    is_trusted(peer(request), &settings.trusted_proxies)
}

fn peer(request: &Request) -> IpAddr {
    request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip().to_canonical())
}

fn is_trusted(ip: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&ip))
}

fn is_plain_id(id: &str) -> bool {
    (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// The right-most hop that no declared proxy vouches for: everything left of it can be made up.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut nearest = peer;
    if !is_trusted(peer, trusted) {
        return nearest;
    }
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().map(|value| value.to_str().unwrap_or_default()).collect();
    for hop in lines.iter().flat_map(|line| line.split(',')).rev() {
        let Ok(ip) = hop.trim().parse::<IpAddr>() else { return nearest };
        nearest = ip.to_canonical();
        if !is_trusted(nearest, trusted) {
            return nearest;
        }
    }
    nearest
}

fn agent(headers: &HeaderMap) -> String {
    let text = headers.get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes())).unwrap_or_default();
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    // ASVS 4.1.3, 15.3.4: only declared proxies are believed, and only their right-most unknown hop
    #[test]
    fn forwarded_addresses_are_believed_from_declared_proxies_only() {
        assert_eq!(seen("192.0.2.9", &["203.0.113.5"], &[]), "192.0.2.9");
        assert_eq!(seen("10.0.0.1", &["203.0.113.5"], &["10.0.0.0/8"]), "203.0.113.5");
        assert_eq!(seen("10.0.0.1", &["1.1.1.1, 203.0.113.5"], &["10.0.0.0/8"]), "203.0.113.5");
        assert_eq!(seen("10.0.0.1", &["1.1.1.1", "203.0.113.5, 10.0.0.2"], &["10.0.0.0/8"]), "203.0.113.5");
        assert_eq!(seen("10.0.0.1", &["not an address"], &["10.0.0.0/8"]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[], &["10.0.0.0/8"]), "10.0.0.1");
    }
}

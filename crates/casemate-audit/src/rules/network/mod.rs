//! Connections to others, and what is believed about them.

pub(crate) mod bind_all_interfaces;
pub(crate) mod calls;
pub(crate) mod cleartext_protocol;
pub(crate) mod client_ip_trusted;
pub(crate) mod db_tls_disabled;
mod domains;
pub(crate) mod grpc_insecure_channel;
pub(crate) mod host_header_trusted;
mod hosts;
pub(crate) mod redirects_followed;
pub(crate) mod request_no_timeout;
pub(crate) mod rpc_server_exposed;
pub(crate) mod snmp_insecure;
pub(crate) mod ssh_host_key_unchecked;
pub(crate) mod ssrf;
pub(crate) mod ssrf_partial;
pub(crate) mod tls_old_version;
pub(crate) mod tls_verify_disabled;
pub(crate) mod tls_weak_ciphers;
pub(crate) mod url_check_bypass;
pub(crate) mod urls;
pub(crate) mod websocket_no_origin;

use casemate_python::facts::{Hit, Labels, Reach};
use casemate_python::syntax::{FunctionId, Value};

use super::{Check, Context, Entry};
use crate::models::label;

pub(crate) const ENTRIES: &[Entry] = &[
    (&ssrf::RULE, &[Check::Taint(&ssrf::TAINT), Check::Module(ssrf::check)]),
    (&ssrf_partial::RULE, &[Check::Taint(&ssrf_partial::TAINT)]),
    (&url_check_bypass::RULE, &[Check::Module(url_check_bypass::check)]),
    (&redirects_followed::RULE, &[Check::Module(redirects_followed::check)]),
    (&tls_verify_disabled::RULE, &[Check::Module(tls_verify_disabled::check)]),
    (&tls_old_version::RULE, &[Check::Module(tls_old_version::check)]),
    (&tls_weak_ciphers::RULE, &[Check::Module(tls_weak_ciphers::check)]),
    (&ssh_host_key_unchecked::RULE, &[Check::Module(ssh_host_key_unchecked::check)]),
    (&cleartext_protocol::RULE, &[Check::Module(cleartext_protocol::check)]),
    (&bind_all_interfaces::RULE, &[Check::Module(bind_all_interfaces::check)]),
    (&request_no_timeout::RULE, &[Check::Module(request_no_timeout::check)]),
    (&snmp_insecure::RULE, &[Check::Module(snmp_insecure::check)]),
    (&rpc_server_exposed::RULE, &[Check::Module(rpc_server_exposed::check)]),
    (&websocket_no_origin::RULE, &[Check::Module(websocket_no_origin::check)]),
    (&grpc_insecure_channel::RULE, &[Check::Module(grpc_insecure_channel::check)]),
    (&db_tls_disabled::RULE, &[Check::Module(db_tls_disabled::check)]),
    (&client_ip_trusted::RULE, &[Check::Module(client_ip_trusted::check)]),
    (
        &host_header_trusted::RULE,
        &[Check::Taint(&host_header_trusted::TAINT), Check::Module(host_header_trusted::check)],
    ),
];

/// What somebody outside can choose about a URL: what a peer answered is believed as much as the peer.
pub(crate) const FROM_OUTSIDE: Labels = Labels(label::UNTRUSTED.0 & !label::NETWORK.0 & !label::ANSWER.0);

/// A hit where data arrives in a way that packs do not describe.
pub(crate) fn hit_at(cx: &Context<'_>, kind: u8, function: FunctionId, call: Value, argument: Value) -> Hit {
    let labels = cx.facts.fact(function, argument).labels;
    let reach = Reach { kind, module: cx.facts.module, function, call, argument };
    Hit { function, call, argument, labels, reach }
}

//! A container that is given the machine it runs on.

use std::ops::Range;

use super::files;
use super::image::Image;
use super::yaml::{Node, Value};
use crate::finding::{Confidence, Severity};
use crate::rule::{Kind, Persona, Rule};
use crate::rules::TextContext;

/// `compose-privileged`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1605",
    name: "compose-privileged",
    summary: "A container is given the machine it runs on, or a database the whole network",
    severity: Severity::High,
    kind: Kind::Configuration,
    persona: Persona::Default,
    cwe: &[250],
    owasp_2021: "A04",
    owasp_2025: "A02",
    asvs: "13.2.2",
    page: include_str!("compose_privileged.md"),
};

/// Capabilities that are as good as root on the host.
const CAPABILITIES: [&str; 7] =
    ["ALL", "SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO", "DAC_READ_SEARCH", "SYS_BOOT", "MAC_ADMIN"];

/// Places of the host that give it away when a container can write them.
const PLACES: [&str; 11] = [
    "/",
    "/etc",
    "/root",
    "/boot",
    "/dev",
    "/proc",
    "/sys",
    "/var/lib/docker",
    "/var/lib/kubelet",
    "/run/containerd/containerd.sock",
    "/usr",
];

/// Databases, the ports they listen on, and whether they ask for no password unless they are told to.
const DATABASES: [(&str, &[u16], bool); 22] = [
    ("postgres", &[5432], false),
    ("postgis", &[5432], false),
    ("pgvector", &[5432], false),
    ("timescaledb", &[5432], false),
    ("mysql", &[3306], false),
    ("mariadb", &[3306], false),
    ("percona", &[3306], false),
    ("mongo", &[27017], true),
    ("redis", &[6379], true),
    ("valkey", &[6379], true),
    ("keydb", &[6379], true),
    ("dragonfly", &[6379], true),
    ("memcached", &[11211], true),
    ("elasticsearch", &[9200, 9300], false),
    ("opensearch", &[9200, 9300], false),
    ("cassandra", &[9042], true),
    ("couchdb", &[5984], false),
    ("neo4j", &[7687], false),
    ("clickhouse-server", &[8123, 9000], false),
    ("etcd", &[2379], true),
    ("mssql", &[1433], false),
    ("influxdb", &[8086], false),
];

struct Found {
    span: Range<usize>,
    message: String,
    severity: Severity,
    confidence: Confidence,
    remedy: &'static str,
}

pub(crate) fn check(cx: &mut TextContext<'_>) {
    let mut found = Vec::new();
    // Tests of container engines are made of this.
    if !cx.is_pedantic() && cx.scope.surroundings(cx.path) != casemate_secrets::Surroundings::Product {
        return;
    }
    if files::is_compose(cx) {
        let yaml = cx.yaml();
        let for_development = files::is_for_development(cx.scope.within(cx.path));
        let services = yaml.documents.first().and_then(|root| root.get("services"));
        for (name, service) in services.map_or(&[][..], Node::entries) {
            let name = name.text().unwrap_or_default();
            given(name, service, &mut found);
            if !for_development || cx.is_pedantic() {
                published(name, service, &mut found);
            }
        }
    } else if cx.format == casemate_secrets::Format::Yaml && cx.text.contains("apiVersion") {
        let yaml = cx.yaml();
        for object in files::kubernetes(&yaml.documents) {
            kubernetes(object, cx.is_pedantic(), &mut found);
        }
    }
    for one in found {
        let finding = cx.report(&RULE, one.span, one.message);
        finding.severity = one.severity;
        finding.confidence = one.confidence;
        finding.remedy = one.remedy.to_owned();
    }
}

fn tell(found: &mut Vec<Found>, span: Range<usize>, severity: Severity, message: String, remedy: &'static str) {
    found.push(Found { span, message, severity, confidence: Confidence::High, remedy });
}

const LESS: &str = "Leave it out and give the container only what it needs: single capabilities (`cap_drop: [ALL]`, then `cap_add`), single devices, single ports.";
const SOCKET: &str = "Put a proxy between that lets through only the calls the service needs (such as docker-socket-proxy), or run a rootless daemon of its own.";

/// What a service of compose is given of its host.
fn given(name: &str, service: &Node, found: &mut Vec<Found>) {
    if let Some((key, value)) = service.entry("privileged")
        && value.is_true()
    {
        let message = format!("`{name}` is privileged: whoever breaks into it has the host");
        tell(found, key.span.start..value.span.end, Severity::High, message, LESS);
    }
    for (setting, what, severity) in [
        ("network_mode", "network", Severity::Medium),
        ("pid", "processes", Severity::High),
        ("ipc", "shared memory", Severity::Medium),
        ("userns_mode", "users", Severity::Medium),
        ("uts", "host name", Severity::Low),
    ] {
        if let Some((key, value)) = service.entry(setting)
            && value.text() == Some("host")
        {
            let message = format!("`{name}` shares the {what} of the host");
            tell(found, key.span.start..value.span.end, severity, message, LESS);
        }
    }
    for capability in service.get("cap_add").map_or(&[][..], Node::items) {
        if let Some(text) = capability.text().filter(|text| is_strong(text)) {
            let message = format!("`{name}` gets the capability {text}, which is as good as root on the host");
            tell(found, capability.span.clone(), Severity::High, message, LESS);
        }
    }
    for option in service.get("security_opt").map_or(&[][..], Node::items) {
        let text = option.text().unwrap_or_default().replace('=', ":");
        if matches!(
            text.as_str(),
            "seccomp:unconfined" | "apparmor:unconfined" | "label:disable" | "systempaths:unconfined"
        ) {
            let message = format!("`{name}` runs without the confinement of containers (`{text}`)");
            tell(
                found,
                option.span.clone(),
                Severity::Medium,
                message,
                "Leave the default profile on, or write one that allows the calls the service needs.",
            );
        }
    }
    for volume in service.get("volumes").map_or(&[][..], Node::items) {
        let source = match &volume.value {
            Value::Scalar(text) => text.split(':').next().unwrap_or_default(),
            _ => volume.get("source").and_then(Node::text).unwrap_or_default(),
        };
        let read_only = volume.text().is_some_and(|text| text.ends_with(":ro"))
            || volume.get("read_only").is_some_and(Node::is_true);
        mounted(name, source, read_only, volume.span.clone(), found);
    }
}

fn is_strong(capability: &str) -> bool {
    let name = capability.trim_start_matches("CAP_");
    CAPABILITIES.contains(&name)
}

fn mounted(name: &str, source: &str, read_only: bool, span: Range<usize>, found: &mut Vec<Found>) {
    if source.ends_with("docker.sock") || source.ends_with("podman.sock") || source.ends_with("containerd.sock") {
        // SECURITY: a socket that is mounted read-only still takes commands.
        let message =
            format!("`{name}` may give orders to the container daemon: with them it can become root on the host");
        tell(found, span, Severity::High, message, SOCKET);
        return;
    }
    let place = if source.len() > 1 { source.trim_end_matches('/') } else { source };
    if PLACES.contains(&place) && !(read_only && place != "/" && place != "/root" && place != "/etc") {
        let (severity, how) = if read_only { (Severity::Medium, "reads") } else { (Severity::High, "can change") };
        let message = format!("`{name}` {how} `{place}` of the host");
        tell(found, span, severity, message, "Mount only the folder the service needs, read-only where it only reads.");
    }
}

/// Databases that anybody who reaches the host can talk to.
fn published(name: &str, service: &Node, found: &mut Vec<Found>) {
    let Some(image) = service.get("image").and_then(Node::text) else { return };
    let image = Image::parse(image);
    let Some((_, ports, is_open)) = DATABASES.iter().find(|(known, ..)| image.last() == *known) else { return };
    if service.get("network_mode").is_some() {
        return;
    }
    let environment = service.get("environment").map(files::settings).unwrap_or_default();
    let says = |setting: &str| {
        environment.iter().find(|(key, ..)| key.eq_ignore_ascii_case(setting)).map(|(_, value, _)| *value)
    };
    let command = match service.get("command").map(|command| &command.value) {
        Some(Value::Scalar(text)) => text.clone(),
        Some(Value::List(items)) => items.iter().filter_map(Node::text).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    };
    let asks = ["--requirepass", "--auth", "--aclfile"].iter().any(|flag| command.contains(flag))
        || environment.iter().any(|(key, ..)| key.to_ascii_uppercase().contains("PASSWORD"));
    let is_open = (*is_open && !asks)
        || says("POSTGRES_HOST_AUTH_METHOD") == Some("trust")
        || says("MYSQL_ALLOW_EMPTY_PASSWORD").is_some_and(|value| !matches!(value, "" | "0" | "no" | "false"))
        || says("MARIADB_ALLOW_EMPTY_ROOT_PASSWORD").is_some_and(|value| !matches!(value, "" | "0" | "no" | "false"))
        || says("xpack.security.enabled") == Some("false")
        || says("plugins.security.disabled") == Some("true");
    for port in service.get("ports").map_or(&[][..], Node::items) {
        let Some((address, target)) = port_of(port) else { continue };
        if !ports.contains(&target) || !is_everywhere(address) {
            continue;
        }
        let (severity, how) = if is_open { (Severity::High, "without a password ") } else { (Severity::Medium, "") };
        let message = format!(
            "the database `{name}` is published on every address of the host {how}(container ports pass by the host's firewall rules)"
        );
        tell(
            found,
            port.span.clone(),
            severity,
            message,
            "Leave `ports` out, for services of one network reach each other without it; to reach it from this machine alone, publish `127.0.0.1:5432:5432`.",
        );
    }
}

/// The address a port is published on, and the port inside.
fn port_of(port: &Node) -> Option<(&str, u16)> {
    if let Some(target) = port.get("target") {
        port.get("published")?;
        let address = port.get("host_ip").and_then(Node::text).unwrap_or_default();
        return Some((address, target.text()?.parse().ok()?));
    }
    let text = port.text()?;
    let text = text.strip_suffix("/tcp").unwrap_or(text);
    let (before, target) = text.rsplit_once(':').unwrap_or(("", text));
    let target = target.split('-').next()?.parse().ok()?;
    // `[::1]:80:80`, `127.0.0.1:80:80`, `80:80`
    let address = before.rsplit_once(':').map_or("", |(address, _)| address);
    let is_variable = before.contains('$') && address.is_empty() && before.to_ascii_lowercase().contains("addr");
    (!is_variable).then_some((address, target))
}

fn is_everywhere(address: &str) -> bool {
    matches!(address, "" | "0.0.0.0" | "[::]" | "::" | "*")
}

/// What an object of Kubernetes is given of its node.
fn kubernetes(object: &Node, pedantic: bool, found: &mut Vec<Found>) {
    let kind = object.get("kind").and_then(Node::text).unwrap_or_default();
    let is_pod = matches!(
        kind,
        "Pod" | "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "CronJob" | "ReplicationController"
    );
    if !is_pod {
        return;
    }
    let metadata = object.get("metadata");
    let name = metadata.and_then(|metadata| metadata.get("name")).and_then(Node::text).unwrap_or(kind);
    // Parts of the cluster itself: networks, storage, monitoring of nodes.
    let of_cluster = kind == "DaemonSet"
        || metadata.and_then(|metadata| metadata.get("namespace")).and_then(Node::text) == Some("kube-system");
    let lowered = |severity: Severity| if of_cluster { Severity::Low } else { severity };
    object.walk(&mut |node| {
        for (setting, what, severity) in [
            ("hostNetwork", "network", Severity::Medium),
            ("hostPID", "processes", Severity::High),
            ("hostIPC", "shared memory", Severity::Medium),
        ] {
            if let Some((key, value)) = node.entry(setting)
                && value.is_true()
                && node.get("containers").is_some()
            {
                let message = format!("`{name}` shares the {what} of its node");
                tell(
                    found,
                    key.span.start..value.span.end,
                    lowered(severity),
                    message,
                    "Leave it out; reach the pod by a Service.",
                );
            }
        }
        if let Some(security) = node.get("securityContext") {
            if let Some((key, value)) = security.entry("privileged")
                && value.is_true()
            {
                let message = format!("`{name}` is privileged: whoever breaks into it has the node");
                let remedy = "Leave it out; drop all capabilities and add the ones the container needs.";
                tell(found, key.span.start..value.span.end, lowered(Severity::High), message, remedy);
            }
            if let Some((key, value)) = security.entry("allowPrivilegeEscalation")
                && value.is_true()
                && pedantic
            {
                let message = format!("programs in `{name}` may gain more rights than they were started with");
                tell(
                    found,
                    key.span.start..value.span.end,
                    Severity::Low,
                    message,
                    "Set `allowPrivilegeEscalation: false`.",
                );
            }
            let added = security.get("capabilities").and_then(|capabilities| capabilities.get("add"));
            for capability in added.map_or(&[][..], Node::items) {
                if let Some(text) = capability.text().filter(|text| is_strong(text)) {
                    let message = format!("`{name}` gets the capability {text}, which is as good as root on the node");
                    let remedy = "Drop all capabilities and add the ones the container needs.";
                    tell(found, capability.span.clone(), lowered(Severity::High), message, remedy);
                }
            }
        }
        if let Some((key, path)) = node.get("hostPath").and_then(|host| host.entry("path")) {
            let mut mounts = Vec::new();
            mounted(name, path.text().unwrap_or_default(), false, key.span.start..path.span.end, &mut mounts);
            for mut mount in mounts {
                mount.severity = lowered(mount.severity);
                mount.message = mount.message.replace("the host", "its node");
                found.push(mount);
            }
        }
    });
}

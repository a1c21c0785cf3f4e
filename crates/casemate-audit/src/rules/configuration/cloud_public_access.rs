//! Something in a cloud that anybody may reach, read or do.

use std::ops::Range;

use casemate_python::syntax::{Argument, Collection, Constant, Function, FunctionId, Op, Passing, Span, Value};
use casemate_secrets::Format;

use super::yaml::Node;
use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::{Context, TextContext};

/// `cloud-public-access`
pub(crate) static RULE: Rule = Rule {
    id: "CFG1610",
    name: "cloud-public-access",
    summary: "Something in a cloud is open to everybody",
    severity: Severity::High,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[284, 732],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "13.2.2",
    page: include_str!("cloud_public_access.md"),
};

/// Ports of administration and of databases.
const PORTS: [i64; 17] =
    [22, 23, 445, 1433, 1521, 2375, 3306, 3389, 5432, 5601, 5900, 5984, 6379, 9200, 9300, 11211, 27017];

const BUCKET: &str = "Keep it private and block public access; publish through a content network or signed addresses.";
const FUNCTION: &str = "Use `AWS_IAM`, or put a gateway with an authorizer before it.";
const POLICY: &str = "Name the actions and the resources that are needed, one by one.";
const PRINCIPAL: &str = "Name who may do it, or add a condition that only lets your account or organisation through.";
const NETWORK: &str = "Let only the networks of your own through, or use a session manager or a VPN.";

fn is_public_acl(text: &str) -> bool {
    matches!(
        text,
        "public-read"
            | "public-read-write"
            | "PublicRead"
            | "PublicReadWrite"
            | "authenticated-read"
            | "AuthenticatedRead"
    )
}

struct Found {
    span: Range<usize>,
    message: String,
    remedy: &'static str,
}

pub(crate) fn check_text(cx: &mut TextContext<'_>) {
    let mut found = Vec::new();
    let name = cx.name();
    if name.ends_with(".tf") {
        terraform(cx.text, &mut found);
    } else if matches!(cx.format, Format::Yaml | Format::Json)
        && cx.text.len() < 4 << 20
        && ((cx.text.contains("Resources") && cx.text.contains("AWS::"))
            || name.starts_with("serverless.")
            || (cx.text.contains("Statement") && cx.text.contains("Effect")))
    {
        let yaml = cx.yaml();
        for document in &yaml.documents {
            template(document, &mut found);
        }
    }
    for one in found {
        let finding = cx.report(&RULE, one.span, one.message);
        finding.remedy = one.remedy.to_owned();
    }
}

fn told(found: &mut Vec<Found>, key: &Node, value: &Node, message: impl Into<String>, remedy: &'static str) {
    found.push(Found { span: key.span.start..value.span.end, message: message.into(), remedy });
}

/// CloudFormation, SAM, the Serverless framework, and policies on their own.
fn template(document: &Node, found: &mut Vec<Found>) {
    document.walk(&mut |node| {
        if node.get("Effect").is_some_and(|effect| effect.says("Allow")) {
            statement(node, found);
        }
        if let Some((key, value)) =
            node.entry("AccessControl").filter(|(_, value)| value.text().is_some_and(is_public_acl))
        {
            told(found, key, value, "everybody may read what is in the bucket", BUCKET);
        }
        if let Some((key, value)) = node.entry("AuthType").filter(|(_, value)| value.text() == Some("NONE"))
            && (node.get("TargetFunctionArn").is_some()
                || node.get("Cors").is_some()
                || node.get("InvokeMode").is_some()
                || node.entries().len() == 1)
        {
            told(found, key, value, "everybody may call the function by its address", FUNCTION);
        }
        if let Some((key, value)) = node.entry("PubliclyAccessible").filter(|(_, value)| value.is_true()) {
            told(found, key, value, "the database has an address that everybody reaches", NETWORK);
        }
        let open = ["CidrIp", "CidrIpv6"]
            .into_iter()
            .find_map(|name| node.entry(name).filter(|(_, value)| matches!(value.text(), Some("0.0.0.0/0" | "::/0"))));
        if let Some((key, value)) = open {
            let port = |name: &str| node.get(name).and_then(Node::text).and_then(|text| text.parse::<i64>().ok());
            let all = node.get("IpProtocol").and_then(Node::text) == Some("-1");
            // What goes out is told in the same words.
            let is_egress = node.get("DestinationSecurityGroupId").is_some() || (all && port("FromPort").is_none());
            if let Some(port) = open_port(all, port("FromPort"), port("ToPort"))
                && !is_egress
            {
                told(found, key, value, format!("everybody reaches port {port}"), NETWORK);
            }
        }
    });
}

/// A port of administration or a database that a range of ports holds.
fn open_port(all: bool, from: Option<i64>, to: Option<i64>) -> Option<i64> {
    let (from, to) = if all { (0, 65_535) } else { (from?, to.or(from)?) };
    PORTS.iter().copied().find(|port| from <= *port && *port <= to)
}

/// One statement of a policy that allows.
fn statement(node: &Node, found: &mut Vec<Found>) {
    let everything = |name: &str| {
        node.entry(name).filter(|(_, value)| value.texts().iter().any(|text| matches!(text.text(), Some("*" | "*:*"))))
    };
    if let (Some((key, value)), Some(_)) = (everything("Action"), everything("Resource")) {
        told(found, key, value, "the policy allows every action on every resource", POLICY);
    }
    if node.get("Condition").is_some() || !(node.get("Action").is_some() || node.get("NotAction").is_some()) {
        return;
    }
    if let Some((key, value)) = node.entry("Principal") {
        let is_all = value.text() == Some("*")
            || value.get("AWS").is_some_and(|who| who.texts().iter().any(|text| text.text() == Some("*")));
        if is_all {
            told(found, key, value, "the policy lets everybody do this, from any account", PRINCIPAL);
        }
    }
}

/// Terraform: attributes by line, with the blocks around them.
fn terraform(text: &str, found: &mut Vec<Found>) {
    struct Block {
        head: String,
        from: Option<i64>,
        to: Option<i64>,
        all: bool,
        open: Option<Range<usize>>,
    }
    let mut blocks: Vec<Block> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let code = line.trim();
        if code.starts_with('#') || code.starts_with("//") {
            continue;
        }
        let from = start + (line.len() - line.trim_start().len());
        let span = from..from + code.len();
        let resource = blocks.first().map_or("", |block| block.head.as_str()).to_owned();
        let is_of = |kind: &str| resource.contains(kind);
        if let Some((key, value)) =
            code.split_once('=').map(|(key, value)| (key.trim(), value.split(" #").next().unwrap_or_default().trim()))
        {
            let text = value.trim_matches('"');
            let mut tell =
                |message: &str, remedy| found.push(Found { span: span.clone(), message: message.to_owned(), remedy });
            match key {
                "acl" if is_of("s3_bucket") && is_public_acl(text) => {
                    tell("everybody may read what is in the bucket", BUCKET);
                }
                "authorization_type" if is_of("lambda_function_url") && text == "NONE" => {
                    tell("everybody may call the function by its address", FUNCTION);
                }
                "publicly_accessible" if text == "true" => {
                    tell("the database has an address that everybody reaches", NETWORK);
                }
                "member" if is_of("google_") && matches!(text, "allUsers" | "allAuthenticatedUsers") => {
                    tell("everybody may use this, whoever they are", PRINCIPAL);
                }
                "members"
                    if is_of("google_") && (value.contains("allUsers") || value.contains("allAuthenticatedUsers")) =>
                {
                    tell("everybody may use this, whoever they are", PRINCIPAL);
                }
                "container_access_type" if matches!(text, "blob" | "container") => {
                    tell("everybody may read what is in the container", BUCKET);
                }
                "cidr_blocks" | "ipv6_cidr_blocks" | "cidr_ipv4" | "cidr_ipv6" | "source_ranges" => {
                    if let Some(block) = blocks.last_mut()
                        && (value.contains("\"0.0.0.0/0\"") || value.contains("\"::/0\""))
                    {
                        block.open = Some(span.clone());
                    }
                }
                "from_port" | "to_port" => {
                    if let Some(block) = blocks.last_mut() {
                        let port = text.parse().ok();
                        if key == "from_port" { block.from = port } else { block.to = port }
                    }
                }
                "protocol" | "ip_protocol" => {
                    if let Some(block) = blocks.last_mut() {
                        block.all = matches!(text, "-1" | "all");
                    }
                }
                "type" if text == "egress" => {
                    if let Some(block) = blocks.last_mut() {
                        block.head.push_str(" egress");
                    }
                }
                _ => {}
            }
        }
        let opens = code.matches(['{', '[']).count();
        let closes = code.matches(['}', ']']).count();
        for _ in closes..opens {
            let head = code.trim_end_matches(['{', '[', ' ']).to_owned();
            blocks.push(Block { head, from: None, to: None, all: false, open: None });
        }
        for _ in opens..closes {
            let Some(block) = blocks.pop() else { continue };
            let is_outward = block.head.contains("egress");
            if let Some(span) = block.open
                && !is_outward
                && let Some(port) = open_port(block.all, block.from, block.to)
            {
                found.push(Found { span, message: format!("everybody reaches port {port}"), remedy: NETWORK });
            }
        }
    }
}

/// CDK, Pulumi, boto3 and policies written as Python.
pub(crate) fn check(cx: &mut Context<'_>) {
    let text = &cx.module.text;
    if !["aws_cdk", "boto3", "aiobotocore", "pulumi", "troposphere", "\"Effect\"", "'Effect'"]
        .iter()
        .any(|word| text.contains(word))
    {
        return;
    }
    let mut found: Vec<(FunctionId, Span, String, &'static str)> = Vec::new();
    for (id, function, value, callee, arguments) in cx.calls() {
        let name = cx.callee_name(id, function, callee);
        let last = name.rsplit('.').next().unwrap_or_default();
        let keyword = |wanted: &str| cx.keyword(arguments, wanted);
        let constant = |wanted: &str| keyword(wanted).and_then(|value| cx.module.constant_str(function, value));
        let span = |value: Value| function.span_of(value);
        let number = |wanted: &str| match keyword(wanted).map(|value| function.op(value)) {
            Some(Op::Constant(Constant::Int(number))) => Some(number),
            _ => None,
        };
        match last {
            "Bucket" | "BucketV2" | "BucketAclV2" | "CfnBucket" => {
                let read = keyword("public_read_access")
                    .filter(|value| matches!(function.op(*value), Op::Constant(Constant::Bool(true))));
                let acl = constant("acl").filter(|text| is_public_acl(text)).and_then(|_| keyword("acl"));
                let control = keyword("access_control").filter(|&value| {
                    let written = cx.module.slice(span(value));
                    constant("access_control").is_some_and(is_public_acl)
                        || ["PUBLIC_READ", "PUBLIC_READ_WRITE", "AUTHENTICATED_READ"]
                            .iter()
                            .any(|name| written.ends_with(&format!("BucketAccessControl.{name}")))
                });
                let unblocked = keyword("block_public_access").filter(|&value| unblocks(cx, function, value));
                if let Some(value) = read.or(acl).or(control).or(unblocked) {
                    found.push((id, span(value), "everybody may read what is in the bucket".to_owned(), BUCKET));
                }
            }
            "grant_public_access" => {
                found.push((id, span(value), "everybody may read what is in the bucket".to_owned(), BUCKET));
            }
            "put_bucket_acl" | "create_bucket" | "put_object" | "put_object_acl" | "copy_object" => {
                if constant("ACL").is_some_and(is_public_acl)
                    && let Some(value) = keyword("ACL")
                {
                    let what = if last.contains("object") {
                        "everybody may read what is put there"
                    } else {
                        "everybody may read what is in the bucket"
                    };
                    found.push((id, span(value), what.to_owned(), BUCKET));
                }
            }
            "upload_file" | "upload_fileobj" => {
                let options = keyword("ExtraArgs").map(|value| function.plain(value));
                let opened = options.and_then(|options| match function.op(options) {
                    Op::Build { collection: Collection::Dict, items } => {
                        function.list(items).chunks_exact(2).find_map(|pair| match pair {
                            [key, value] if cx.module.constant_str(function, *key) == Some("ACL") => {
                                cx.module.constant_str(function, *value).filter(|text| is_public_acl(text))?;
                                Some(*value)
                            }
                            _ => None,
                        })
                    }
                    _ => None,
                });
                if let Some(value) = opened {
                    found.push((id, span(value), "everybody may read what is put there".to_owned(), BUCKET));
                }
            }
            "create_db_instance" | "modify_db_instance" | "create_cluster" | "restore_db_instance_from_db_snapshot" => {
                let open = keyword("PubliclyAccessible")
                    .filter(|value| matches!(function.op(*value), Op::Constant(Constant::Bool(true))));
                if let Some(value) = open {
                    found.push((id, span(value), "the database has an address that everybody reaches".to_owned(), NETWORK));
                }
            }
            "put_public_access_block" => {
                if let Some(block) = keyword("PublicAccessBlockConfiguration")
                    && let Op::Build { collection: Collection::Dict, items } = function.op(function.plain(block))
                    && function
                        .list(items)
                        .chunks_exact(2)
                        .any(|pair| matches!(pair, [_, value] if matches!(function.op(*value), Op::Constant(Constant::Bool(false)))))
                {
                    found.push((
                        id,
                        span(block),
                        "what keeps the bucket from being opened to everybody is turned off".to_owned(),
                        BUCKET,
                    ));
                }
            }
            "add_function_url" | "FunctionUrl" | "create_function_url_config" | "update_function_url_config" => {
                let kind =
                    keyword("auth_type").or_else(|| keyword("AuthType")).or_else(|| keyword("authorization_type"));
                if let Some(value) = kind
                    && (cx.module.constant_str(function, value) == Some("NONE")
                        || cx.module.slice(span(value)).ends_with("FunctionUrlAuthType.NONE"))
                {
                    found.push((
                        id,
                        span(value),
                        "everybody may call the function by its address".to_owned(),
                        FUNCTION,
                    ));
                }
            }
            "PolicyStatement" => {
                let all = |wanted: &str| keyword(wanted).is_some_and(|value| holds_star(cx, function, value));
                let denies = keyword("effect").is_some_and(|value| cx.module.slice(span(value)).ends_with("DENY"));
                let anybody = keyword("principals").is_some_and(|value| names_anybody(cx, function, value));
                if anybody && !denies && keyword("conditions").is_none() {
                    let message = "the policy lets everybody do this, from any account".to_owned();
                    found.push((id, span(value), message, PRINCIPAL));
                } else if all("actions") && (all("resources") || cx.persona == Persona::Pedantic) && !denies {
                    found.push((
                        id,
                        span(value),
                        if all("resources") {
                            "the policy allows every action on every resource".to_owned()
                        } else {
                            "the policy allows every action".to_owned()
                        },
                        POLICY,
                    ));
                }
            }
            // A database, a machine, a cluster or a task for copying with an address of its own.
            "DatabaseInstance" | "DatabaseCluster" | "CfnDBInstance" | "CfnCluster" | "CfnReplicationInstance" | "Instance" | "CfnInstance" | "Cluster" => {
                let open = ["publicly_accessible", "associate_public_ip_address"]
                    .iter()
                    .find_map(|name| keyword(name))
                    .filter(|&value| matches!(function.op(value), Op::Constant(Constant::Bool(true))));
                if let Some(value) = open {
                    found.push((id, span(value), "it has an address that everybody reaches".to_owned(), NETWORK));
                }
            }
            "add_method" | "CfnMethod" | "CfnRoute" | "MethodOptions" => {
                let open = keyword("authorization_type").filter(|&value| {
                    cx.module.constant_str(function, value) == Some("NONE")
                        || cx.module.slice(span(value)).ends_with("AuthorizationType.NONE")
                });
                // A public API is a thing that is meant; so only who asks is told.
                if let Some(value) = open.filter(|_| cx.persona == Persona::Pedantic) {
                    found.push((id, span(value), "everybody may call this method of the API".to_owned(), FUNCTION));
                }
            }
            "add_permission" | "CfnPermission" => {
                let anybody = keyword("principal").filter(|&value| names_anybody(cx, function, value));
                if let Some(value) = anybody {
                    found.push((id, span(value), "everybody may call the function, from any account".to_owned(), PRINCIPAL));
                }
            }
            "authorize_security_group_ingress" => {
                let open = constant("CidrIp").is_some_and(|text| text == "0.0.0.0/0");
                if open
                    && let Some(port) =
                        open_port(constant("IpProtocol") == Some("-1"), number("FromPort"), number("ToPort"))
                {
                    found.push((id, span(value), format!("everybody reaches port {port}"), NETWORK));
                }
            }
            "add_ingress_rule" | "allow_from_any_ipv4" => {
                let written: Vec<&str> =
                    arguments.iter().map(|argument| cx.module.slice(span(argument.value))).collect();
                let any = last == "allow_from_any_ipv4"
                    || written.iter().any(|text| {
                        text.contains("any_ipv4(")
                            || text.contains("any_ipv6(")
                            || (text.contains(".ipv4(") || text.contains(".ipv6("))
                                && (text.contains("0.0.0.0/0") || text.contains("::/0"))
                    });
                let port = arguments.iter().find_map(|argument| port_of(cx, function, argument));
                if any && let Some(port) = port {
                    found.push((id, span(value), format!("everybody reaches port {port}"), NETWORK));
                }
            }
            _ => {}
        }
    }
    for (id, function) in cx.module.function_ids() {
        for (value, op) in function.values() {
            if let Op::Build { collection: Collection::Dict, items } = op
                && let Some(told) = dictionary(cx, function, function.list(items))
            {
                found.push((id, function.span_of(value), told.0.to_owned(), told.1));
            }
        }
    }
    for (id, span, message, remedy) in found {
        let finding = cx.report(&RULE, (cx.facts.module, id), span, message);
        finding.remedy = remedy.to_owned();
    }
}

/// `ec2.Port.tcp(22)`, `ec2.Port.all_traffic()`
fn port_of(cx: &Context<'_>, function: &Function, argument: &Argument) -> Option<i64> {
    if !matches!(argument.passing, Passing::Position | Passing::Keyword(_)) {
        return None;
    }
    let Op::Call { callee, arguments } = function.op(argument.value) else { return None };
    let Op::Attribute { name, .. } = function.op(callee) else { return None };
    match cx.module.symbols.text(name) {
        "all_traffic" | "all_tcp" => open_port(true, None, None),
        "tcp" => match function.call_arguments(arguments).first().map(|first| function.op(first.value)) {
            Some(Op::Constant(Constant::Int(port))) => open_port(false, Some(port), None),
            _ => None,
        },
        _ => None,
    }
}

/// `s3.BlockPublicAccess(block_public_acls=False)`
fn unblocks(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    let Op::Call { callee, arguments } = function.op(function.plain(value)) else { return false };
    cx.module.slice(function.span_of(callee)).ends_with("BlockPublicAccess")
        && function
            .call_arguments(arguments)
            .iter()
            .any(|one| matches!(function.op(one.value), Op::Constant(Constant::Bool(false))))
}

/// `iam.AnyPrincipal()`, `iam.StarPrincipal()`, `iam.ArnPrincipal("*")`
fn names_anybody(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    match function.op(function.plain(value)) {
        Op::Build { items, .. } => function.list(items).iter().any(|&item| names_anybody(cx, function, item)),
        Op::Call { callee, arguments } => {
            let last = cx.module.slice(function.span_of(callee)).rsplit('.').next().unwrap_or_default();
            let first = function.call_arguments(arguments).first();
            matches!(last, "AnyPrincipal" | "StarPrincipal" | "Anyone")
                || last == "ArnPrincipal"
                    && first.and_then(|first| cx.module.constant_str(function, first.value)) == Some("*")
        }
        _ => cx.module.constant_str(function, value) == Some("*"),
    }
}

fn holds_star(cx: &Context<'_>, function: &Function, value: Value) -> bool {
    match function.op(value) {
        Op::Build { items, .. } => {
            function.list(items).iter().any(|item| cx.module.constant_str(function, *item) == Some("*"))
        }
        _ => cx.module.constant_str(function, value) == Some("*"),
    }
}

/// A statement of a policy as a dictionary.
fn dictionary(cx: &Context<'_>, function: &Function, items: &[Value]) -> Option<(&'static str, &'static str)> {
    let get = |name: &str| {
        items.chunks_exact(2).find_map(|pair| match pair {
            [key, value] if cx.module.constant_str(function, *key) == Some(name) => Some(*value),
            _ => None,
        })
    };
    if cx.module.constant_str(function, get("Effect")?) != Some("Allow") {
        return None;
    }
    let action = get("Action")?;
    if holds_star(cx, function, action) && get("Resource").is_some_and(|value| holds_star(cx, function, value)) {
        return Some(("the policy allows every action on every resource", POLICY));
    }
    let principal = get("Principal")?;
    let is_all = cx.module.constant_str(function, principal) == Some("*")
        || matches!(function.op(principal), Op::Build { collection: Collection::Dict, items } if function.list(items).chunks_exact(2).any(|pair| {
            matches!(pair, [key, value] if cx.module.constant_str(function, *key) == Some("AWS") && holds_star(cx, function, *value))
        }));
    (is_all && get("Condition").is_none()).then_some(("the policy lets everybody do this, from any account", PRINCIPAL))
}

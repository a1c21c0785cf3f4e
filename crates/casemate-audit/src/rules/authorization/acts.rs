//! What functions do that authorization is about: who calls, which objects are loaded and by what, what is changed.

use casemate_python::facts::Entity;
use casemate_python::names::ModuleId;
use casemate_python::syntax::{ClassId, CompareOp, Constant, Function, FunctionId, Module, Op, Passing, Value};

use crate::models::{label, words};
use crate::rules::Context;

/// How the stored world is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Something new is stored.
    Create,
    /// Something stored is changed.
    Change,
    /// Something stored is removed.
    Delete,
}

/// Functions of the project that a function calls.
pub(crate) fn called(cx: &Context<'_>, module: ModuleId, id: FunctionId) -> Vec<(ModuleId, FunctionId)> {
    let Some((_, function)) = cx.function(module, id) else { return Vec::new() };
    let Some(facts) = cx.all_facts.get(module) else { return Vec::new() };
    let mut found = Vec::new();
    for (_, op) in function.values() {
        if let Op::Call { callee, .. } = op
            && let Entity::Function(module, id) | Entity::Method(module, id) = facts.fact(id, callee).entity
            && !found.contains(&(module, id))
            && found.len() < 32
        {
            found.push((module, id));
        }
    }
    found
}

/// The last name of an expression as written: `session` of `self.db.session`.
fn last_name<'m>(source: &'m Module, function: &Function, value: Value) -> &'m str {
    match function.op(value) {
        Op::Attribute { name, .. } | Op::Name(name) => source.symbols.text(name),
        Op::Refine { of, .. } | Op::Await(of) => last_name(source, function, of),
        Op::Call { callee, .. } => last_name(source, function, callee),
        Op::Parameter(index) => {
            function.parameters.get(index as usize).map_or("", |parameter| source.symbols.text(parameter.name))
        }
        _ => {
            let written = source.slice(function.span_of(value));
            written.rsplit('.').next().unwrap_or(written)
        }
    }
}

/// Whether a value is a session or connection of a database by its name.
fn is_store(source: &Module, function: &Function, value: Value) -> bool {
    words(last_name(source, function, value)).iter().any(|word| {
        matches!(
            word.as_str(),
            "session"
                | "db"
                | "database"
                | "conn"
                | "connection"
                | "cursor"
                | "dbsession"
                | "cur"
                | "tx"
                | "transaction"
        )
    })
}

/// What a function changes, in order.
pub(crate) fn acts(source: &Module, function: &Function) -> Vec<(Value, Act)> {
    function.values().filter_map(|(value, op)| Some((value, act(source, function, op)?))).collect()
}

fn act(source: &Module, function: &Function, op: Op) -> Option<Act> {
    let Op::Call { callee, arguments } = op else { return None };
    let arguments = function.call_arguments(arguments);
    let Op::Attribute { of, name } = function.op(callee) else { return None };
    let first = arguments.first().map(|argument| function.op(argument.value));
    let is_text = matches!(first, Some(Op::Constant(Constant::Str(_)) | Op::Format(_)));
    let written = || source.slice(function.span_of(of));
    match source.symbols.text(name) {
        "delete" if !is_text && arguments.len() <= 1 => {
            let receiver = words(last_name(source, function, of));
            let is_other = receiver.iter().any(|word| {
                matches!(
                    word.as_str(),
                    "client"
                        | "requests"
                        | "http"
                        | "httpx"
                        | "cache"
                        | "redis"
                        | "request"
                        | "response"
                        | "router"
                        | "app"
                )
            });
            (!is_other).then_some(Act::Delete)
        }
        "save" if arguments.iter().all(|argument| argument.passing != Passing::Position) => Some(Act::Change),
        "create" | "acreate" | "bulk_create" | "get_or_create" | "update_or_create"
            if written().ends_with("objects") =>
        {
            Some(Act::Create)
        }
        "update" | "bulk_update" | "aupdate" if written().contains("objects") || written().contains(".query") => {
            Some(Act::Change)
        }
        "add" | "add_all" | "merge" if is_store(source, function, of) => Some(Act::Create),
        "commit" if is_store(source, function, of) => Some(Act::Change),
        "insert_one" | "insert_many" => Some(Act::Create),
        "update_one" | "update_many" | "replace_one" | "find_one_and_update" => Some(Act::Change),
        "delete_one" | "delete_many" | "find_one_and_delete" => Some(Act::Delete),
        "execute" | "executemany" => {
            let text = match first? {
                Op::Constant(Constant::Str(text)) => source.string(text).trim_start().to_uppercase(),
                _ => source
                    .slice(function.span_of(arguments.first()?.value))
                    .trim_start_matches(['f', '"', '\'', ' ', '\n'])
                    .to_uppercase(),
            };
            let starts = |word: &str| text.trim_start().starts_with(word);
            if starts("INSERT") {
                Some(Act::Create)
            } else if starts("UPDATE") {
                Some(Act::Change)
            } else if starts("DELETE") || starts("DROP") {
                Some(Act::Delete)
            } else {
                None
            }
        }
        _ => None,
    }
}

/// What a function and those of the project that it calls change.
pub(crate) fn acts_near(cx: &Context<'_>, module: ModuleId, id: FunctionId) -> Vec<Act> {
    let mut functions = vec![(module, id)];
    functions.extend(called(cx, module, id));
    let mut found = Vec::new();
    for (module, id) in functions {
        if let Some((source, function)) = cx.function(module, id) {
            found.extend(acts(source, function).into_iter().map(|(_, act)| act));
        }
    }
    found
}

/// For each value, whether it is who is calling, or made from that.
pub(crate) fn callers(source: &Module, function: &Function) -> Vec<bool> {
    let mut found = vec![false; function.ops.len()];
    for (value, op) in function.values() {
        let is = is_caller(source, function, op)
            || function
                .operands_of(value)
                .iter()
                .any(|operand| operand.0 < value.0 && found.get(operand.0 as usize) == Some(&true));
        if let Some(known) = found.get_mut(value.0 as usize) {
            *known = is;
        }
    }
    found
}

fn is_caller(source: &Module, function: &Function, op: Op) -> bool {
    let names_caller = |name: &str| {
        matches!(
            name,
            "current_user"
                | "currentuser"
                | "current_identity"
                | "me"
                | "caller"
                | "principal"
                | "identity"
                | "authenticated_user"
                | "auth_user"
                | "logged_in_user"
                | "request_user"
                | "session_user"
                | "requester"
                | "acting_user"
                | "actor"
                | "current_member"
                | "viewer"
                | "current_account"
                | "claims"
                | "jwt_payload"
                | "token_data"
                | "authenticated_userid"
                | "current_user_id"
        )
    };
    match op {
        Op::Attribute { of, name } => {
            let name = source.symbols.text(name);
            let on = source.slice(function.span_of(of));
            let on = on.rsplit('.').next().unwrap_or(on);
            names_caller(name)
                || (matches!(
                    name,
                    "user" | "user_id" | "account" | "tenant" | "tenant_id" | "organization" | "org" | "auth"
                ) && matches!(
                    on,
                    "request"
                        | "req"
                        | "g"
                        | "self"
                        | "context"
                        | "info"
                        | "ctx"
                        | "state"
                        | "session"
                        | "websocket"
                        | "scope"
                ))
        }
        Op::Name(name) => names_caller(source.symbols.text(name)),
        Op::Import(import) => {
            source.imports.get(import as usize).and_then(|import| import.name.as_deref()).is_some_and(names_caller)
        }
        Op::Parameter(index) => function.parameters.get(index as usize).is_some_and(|parameter| {
            let name = source.symbols.text(parameter.name);
            names_caller(name) || matches!(name, "user" | "auth" | "token" | "session_data")
        }),
        Op::Call { callee, .. } => {
            let name = words(last_name(source, function, callee));
            let has = |word: &str| name.iter().any(|known| known == word);
            (has("current") && (has("user") || has("identity") || has("account")))
                || (has("jwt") && (has("identity") || has("claims") || has("subject")))
                || (has("get") && has("user") && has("from"))
                || (has("authenticated") && has("userid"))
                || (has("authorized") && has("userid"))
                || (has("get") && has("secure") && has("cookie"))
        }
        Op::Subscript { of, index } => {
            let Op::Constant(Constant::Str(key)) = function.op(index) else { return false };
            let key = words(source.string(key));
            let on = source.slice(function.span_of(of)).to_lowercase();
            key.iter().any(|word| {
                matches!(word.as_str(), "user" | "uid" | "userid" | "account" | "username" | "sub" | "tenant")
            }) && ["session", "request", "claims", "payload", "token", "scope", "context", "g"]
                .iter()
                .any(|name| on.ends_with(name))
        }
        _ => false,
    }
}

/// Whether a function ties what it does to who is calling: a comparison with the caller, or a call that is given them.
pub(crate) fn ties_caller(function: &Function, callers: &[bool]) -> bool {
    let is = |value: Value| callers.get(value.0 as usize) == Some(&true);
    function.values().any(|(_, op)| match op {
        Op::Compare { left, right, op } => {
            // `if user is None` only asks whether somebody has signed in.
            !matches!(op, CompareOp::Is | CompareOp::IsNot) && (is(left) || is(right))
        }
        Op::Call { callee, arguments } => {
            is_call_on_caller(function, callee, &is)
                || function.call_arguments(arguments).iter().any(|argument| is(argument.value))
        }
        Op::StoreAttribute { value, .. } | Op::StoreItem { value, .. } => is(value),
        _ => false,
    })
}

/// Methods of who is calling; what finds out who that is does not count.
fn is_call_on_caller(function: &Function, callee: Value, is: &dyn Fn(Value) -> bool) -> bool {
    match function.op(callee) {
        Op::Attribute { of, .. } => is(of),
        _ => false,
    }
}

/// An object that is loaded by something the caller chose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// The call.
    pub(crate) call: Value,
    /// The model.
    pub(crate) model: (ModuleId, ClassId),
}

/// Objects that a function loads by something that came with the request.
pub(crate) fn loads(cx: &Context<'_>, module: ModuleId, id: FunctionId) -> Vec<Load> {
    let (Some((source, function)), Some(facts)) = (cx.function(module, id), cx.all_facts.get(module)) else {
        return Vec::new();
    };
    let chosen = label::PATH | label::QUERY | label::BODY | label::FORM | label::HEADER | label::COOKIE;
    let is_chosen = |value: Value| facts.fact(id, value).labels.meets(chosen);
    let mut found: Vec<Load> = Vec::new();
    for (call, op) in function.values() {
        let Op::Call { callee, arguments } = op else { continue };
        let arguments = function.call_arguments(arguments);
        let name = last_name(source, function, callee);
        let is_loader = matches!(
            name,
            "get"
                | "aget"
                | "get_or_404"
                | "filter"
                | "filter_by"
                | "where"
                | "get_object_or_404"
                | "aget_object_or_404"
                | "get_or_none"
                | "one_or_404"
                | "find_by_id"
                | "get_by_id"
                | "first_or_404"
        );
        if !is_loader {
            continue;
        }
        let by_key = arguments.iter().any(|argument| match argument.passing {
            Passing::Keyword(name) => {
                let name = source.symbols.text(name);
                is_id(name.split("__").next().unwrap_or(name)) && is_chosen(argument.value)
            }
            Passing::Position => match function.op(argument.value) {
                Op::Compare { op: CompareOp::Eq, left, right } => {
                    let names_id = |value| matches!(function.op(value), Op::Attribute { name, .. } if is_id(source.symbols.text(name)));
                    (names_id(left) && is_chosen(right)) || (names_id(right) && is_chosen(left))
                }
                Op::Build { .. } => false,
                _ => matches!(name, "get" | "get_or_404" | "get_by_id" | "find_by_id") && is_chosen(argument.value),
            },
            _ => false,
        });
        if !by_key {
            continue;
        }
        if let Some(model) = model_within(facts, id, function, call, &mut { 200 })
            && is_model(cx, model)
        {
            found.push(Load { call, model });
        }
    }
    found
}

fn is_id(name: &str) -> bool {
    matches!(name, "id" | "pk" | "uuid" | "uid" | "guid" | "public_id") || name.ends_with("_id")
}

/// The class of the project that an expression speaks of.
pub(crate) fn model_within(
    facts: &casemate_python::facts::ModuleFacts,
    id: FunctionId,
    function: &Function,
    value: Value,
    steps: &mut u32,
) -> Option<(ModuleId, ClassId)> {
    *steps = steps.checked_sub(1)?;
    if let Entity::Class(module, class) = facts.fact(id, value).entity {
        return Some((module, class));
    }
    let operands = match function.op(value) {
        Op::Call { callee, arguments } => {
            let mut operands = vec![callee];
            operands.extend(function.call_arguments(arguments).iter().map(|argument| argument.value));
            operands
        }
        Op::Attribute { of, .. } | Op::Await(of) | Op::Refine { of, .. } => vec![of],
        Op::Compare { left, right, .. } => vec![left, right],
        _ => return None,
    };
    operands
        .into_iter()
        .filter(|operand| operand.0 < value.0)
        .find_map(|operand| model_within(facts, id, function, operand, steps))
}

/// Whether a class of the project is kept in a database.
pub(crate) fn is_model(cx: &Context<'_>, (module, class): (ModuleId, ClassId)) -> bool {
    let Some(home) = cx.program.module(module) else { return false };
    let Some(definition) = home.class(class) else { return false };
    let Some(around) = home.function(definition.parent) else { return false };
    let by_base = definition.bases.iter().any(|&base| {
        let written = home.slice(around.span_of(base));
        let last = written.rsplit('.').next().unwrap_or(written);
        !last.contains("BaseModel")
            && (last.ends_with("Model") || last == "Base" || last.ends_with("Document") || last == "DeclarativeBase")
    });
    let has_table = home.symbols.find("__tablename__").is_some()
        && columns(cx, (module, class)).iter().any(|name| name == "__tablename__");
    by_base || has_table
}

/// Names that a class and its bases of the project define.
pub(crate) fn columns(cx: &Context<'_>, (module, class): (ModuleId, ClassId)) -> Vec<String> {
    let mut found = Vec::new();
    for (module, class) in casemate_python::routes::project_classes(cx.program, module, class) {
        let Some(home) = cx.program.module(module) else { continue };
        let Some(definition) = home.class(class) else { continue };
        found.extend(definition.fields.iter().map(|field| home.symbols.text(field.name).to_owned()));
        if let Some(body) = home.function(definition.body) {
            found.extend(body.exit.iter().map(|(name, _)| home.symbols.text(*name).to_owned()));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The column that says to whom an object belongs.
pub(crate) fn owner_column(cx: &Context<'_>, model: (ModuleId, ClassId)) -> Option<String> {
    const OWNERS: &[&str] = &[
        "owner",
        "owner_id",
        "user",
        "user_id",
        "author",
        "author_id",
        "created_by",
        "created_by_id",
        "creator",
        "creator_id",
        "customer",
        "customer_id",
        "account",
        "account_id",
        "patient_id",
        "uploaded_by",
        "submitted_by",
        "user_uuid",
        "user_email",
    ];
    let columns = columns(cx, model);
    OWNERS.iter().find(|owner| columns.iter().any(|column| column == *owner)).map(|owner| (*owner).to_owned())
}

/// Names of columns that say to which tenant an object belongs.
const TENANTS: &[&str] = &[
    "tenant",
    "tenant_id",
    "organization",
    "organization_id",
    "organisation",
    "organisation_id",
    "org",
    "org_id",
    "workspace",
    "workspace_id",
    "company",
    "company_id",
    "team_id",
    "customer_account_id",
];

/// Whether a class of a module may have such a column.
pub(crate) fn may_have_tenants(module: &Module) -> bool {
    let is_tenant = |name| TENANTS.contains(&module.symbols.text(name));
    module.classes.iter().any(|class| {
        let body = module.function(class.body).map_or(&[][..], |body| &body.exit);
        class.fields.iter().any(|field| is_tenant(field.name)) || body.iter().any(|(name, _)| is_tenant(*name))
    })
}

/// The column that says to which tenant an object belongs.
pub(crate) fn tenant_column(cx: &Context<'_>, model: (ModuleId, ClassId)) -> Option<String> {
    let columns = columns(cx, model);
    TENANTS.iter().find(|tenant| columns.iter().any(|column| column == *tenant)).map(|tenant| (*tenant).to_owned())
}

/// The name of a class.
pub(crate) fn class_name(cx: &Context<'_>, (module, class): (ModuleId, ClassId)) -> String {
    cx.program.module(module).and_then(|home| home.class(class)).map(|class| class.name.clone()).unwrap_or_default()
}

/// Whether a function calls something that asks for a permission.
pub(crate) fn asks_permission(source: &Module, function: &Function) -> bool {
    function.values().any(|(_, op)| match op {
        Op::Call { callee, .. } => words(last_name(source, function, callee)).iter().any(|word| {
            matches!(
                word.as_str(),
                "permission"
                    | "permissions"
                    | "perm"
                    | "perms"
                    | "authorize"
                    | "authorized"
                    | "authorise"
                    | "policy"
                    | "can"
                    | "allowed"
                    | "owner"
                    | "owns"
                    | "ownership"
                    | "access"
                    | "acl"
                    | "role"
                    | "roles"
                    | "enforce"
                    | "forbidden"
                    | "admin"
                    | "member"
                    | "membership"
                    | "tenant"
                    | "scope"
                    | "scoped"
                    | "visible"
                    | "accessible"
                    | "belongs"
            )
        }),
        Op::Attribute { name, .. } => words(source.symbols.text(name)).iter().any(|word| {
            matches!(
                word.as_str(),
                "role"
                    | "roles"
                    | "superuser"
                    | "staff"
                    | "permissions"
                    | "scopes"
                    | "admin"
                    | "perms"
                    | "groups"
                    | "privileges"
            )
        }),
        _ => false,
    })
}

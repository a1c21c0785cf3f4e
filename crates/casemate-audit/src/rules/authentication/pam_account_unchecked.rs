//! A password that is right, of an account that is closed.

use casemate_python::syntax::Op;

use crate::finding::Severity;
use crate::rule::{Kind, Persona, Rule};
use crate::rules::Context;
use crate::rules::constant::is_bool;
use crate::rules::pattern::tell;

/// `pam-account-unchecked`
pub(crate) static RULE: Rule = Rule {
    id: "AUT423",
    name: "pam-account-unchecked",
    summary: "PAM is asked whether the password is right, not whether the account is open",
    severity: Severity::Medium,
    kind: Kind::Pattern,
    persona: Persona::Default,
    cwe: &[285],
    owasp_2021: "A01",
    owasp_2025: "A01",
    asvs: "6.3.4",
    page: include_str!("pam_account_unchecked.md"),
};

pub(crate) fn check(cx: &mut Context<'_>) {
    if !cx.module.text.contains("pam") && !cx.module.text.contains("PAM") {
        return;
    }
    // A module that asks for the account anywhere knows of it.
    let asks = cx.sites().iter().any(|site| site.name().ends_with("acct_mgmt") || site.path.ends_with("acct_mgmt"));
    let mut found = Vec::new();
    for &site in cx.sites() {
        let is_raw = matches!(site.callee.stripped().op(), Op::Attribute { name, .. } if site.at.name(name) == "pam_authenticate")
            || site.name() == "pam_authenticate";
        let is_bare = site.path.starts_with("PAM.pam()") && site.name() == "authenticate" && !asks;
        let is_told_not_to =
            site.path == "pamela.authenticate" && site.keyword(cx, "check").is_some_and(|at| is_bool(cx, at, false));
        if (is_raw && !asks) || is_bare || is_told_not_to {
            found.push(site.found(
                "only the password is asked about: an account that is locked, expired or barred at this hour gets in".to_owned(),
                "Ask for the account too: `pam_acct_mgmt` after `pam_authenticate`.",
            ));
        }
    }
    tell(cx, &RULE, found);
}

//! Calls that make and read tokens, in the libraries that do so.

use crate::rules::Context;
use crate::rules::constant::{At, Entry, entry, entry_for, is_bool};
use crate::rules::pattern::Site;

/// Which interface a call has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Library {
    PyJwt,
    Jose,
    Authlib,
    Joserfc,
    Jwcrypto,
    PythonJwt,
    Google,
}

/// A call that reads a token.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) library: Library,
    pub(crate) token: Option<At<'a>>,
    pub(crate) algorithms: Option<At<'a>>,
    pub(crate) options: Option<At<'a>>,
}

/// A call that makes a token.
#[derive(Clone, Copy)]
pub(crate) struct Making<'a> {
    pub(crate) site: Site<'a>,
    pub(crate) library: Library,
    pub(crate) claims: Option<At<'a>>,
    pub(crate) key: Option<At<'a>>,
    pub(crate) algorithm: Option<At<'a>>,
    /// The header, where the algorithm stands there.
    pub(crate) header: Option<At<'a>>,
}

/// The reading of a token that a call is, if it is one.
pub(crate) fn reading<'a>(cx: &Context<'a>, site: Site<'a>) -> Option<Reading<'a>> {
    let argument = |position, keyword| site.argument(cx, position, keyword);
    let (library, token, algorithms, options) = match site.path {
        "jwt.decode"
        | "jwt.decode_complete"
        | "jwt.api_jwt.decode"
        | "jwt.api_jwt.decode_complete"
        | "jwt.PyJWT().decode"
        | "jwt.PyJWT().decode_complete"
        | "jwt.api_jwt.PyJWT().decode"
        | "jwt.PyJWS().decode"
        | "jwt.api_jws.decode" => {
            (Library::PyJwt, argument(0, "jwt"), argument(2, "algorithms"), argument(3, "options"))
        }
        "jose.jwt.decode" => (Library::Jose, argument(0, "token"), argument(2, "algorithms"), argument(3, "options")),
        "jose.jws.verify" => (Library::Jose, argument(0, "token"), argument(2, "algorithms"), None),
        "authlib.jose.jwt.decode"
        | "authlib.jose.JsonWebToken().decode"
        | "authlib.jose.rfc7519.JsonWebToken().decode" => (Library::Authlib, argument(0, "s"), None, None),
        "joserfc.jwt.decode" => (Library::Joserfc, argument(0, "value"), argument(2, "algorithms"), None),
        "jwcrypto.jwt.JWT" => {
            let token = site.argument(cx, 2, "jwt")?;
            (Library::Jwcrypto, Some(token), site.keyword(cx, "algs"), None)
        }
        "python_jwt.verify_jwt" => (Library::PythonJwt, argument(0, "jwt"), argument(2, "allowed_algs"), None),
        "google.auth.jwt.decode" => (Library::Google, argument(0, "token"), None, None),
        _ => return None,
    };
    Some(Reading { site, library, token, algorithms, options })
}

/// The making of a token that a call is, if it is one.
pub(crate) fn making<'a>(cx: &Context<'a>, site: Site<'a>) -> Option<Making<'a>> {
    let argument = |position, keyword| site.argument(cx, position, keyword);
    let none = None;
    let (library, claims, key, algorithm, header) = match site.path {
        "jwt.encode" | "jwt.api_jwt.encode" | "jwt.PyJWT().encode" | "jwt.api_jwt.PyJWT().encode" => (
            Library::PyJwt,
            argument(0, "payload"),
            argument(1, "key"),
            argument(2, "algorithm"),
            site.keyword(cx, "headers"),
        ),
        "jose.jwt.encode" => (
            Library::Jose,
            argument(0, "claims"),
            argument(1, "key"),
            argument(2, "algorithm"),
            site.keyword(cx, "headers"),
        ),
        "authlib.jose.jwt.encode" | "authlib.jose.JsonWebToken().encode" => {
            (Library::Authlib, argument(1, "payload"), argument(2, "key"), none, argument(0, "header"))
        }
        "joserfc.jwt.encode" => {
            (Library::Joserfc, argument(1, "claims"), argument(2, "key"), none, argument(0, "header"))
        }
        "jwcrypto.jwt.JWT" => {
            let claims = site.argument(cx, 1, "claims")?;
            (Library::Jwcrypto, Some(claims), none, none, argument(0, "header"))
        }
        "python_jwt.generate_jwt" => {
            (Library::PythonJwt, argument(0, "claims"), argument(1, "priv_key"), argument(2, "algorithm"), none)
        }
        _ => return None,
    };
    Some(Making { site, library, claims, key, algorithm, header })
}

impl<'a> Reading<'a> {
    /// Whether an option is switched off.
    pub(crate) fn is_off(&self, cx: &Context<'a>, option: &str) -> bool {
        let Some(options) = self.options else { return false };
        let Entry::Given(held) = entry_for(cx, options, option, self.site.at.value) else { return false };
        // `if allow_expired: options["verify_exp"] = False` is somebody's choice.
        let options = options.stripped();
        let is_here = held.id == options.id && held.home == options.home;
        let is_chosen = is_here && held.function.block_of(held.value) != held.function.block_of(options.value);
        is_bool(cx, held, false) && !is_chosen
    }

    /// Whether the signature is not looked at.
    pub(crate) fn skips_signature(&self, cx: &Context<'a>) -> bool {
        let off = |at: Option<At<'a>>| at.is_some_and(|at| is_bool(cx, at, false));
        // PyJWT before 2: `decode(token, key, False)`.
        let old = self.library == Library::PyJwt && off(self.site.position(2));
        old || off(self.site.keyword(cx, "verify"))
            || self.library == Library::Google && off(self.site.position(2))
            || self.is_off(cx, "verify_signature")
    }
}

impl<'a> Making<'a> {
    /// What the token says under a name.
    pub(crate) fn claim(&self, cx: &Context<'a>, name: &str) -> Entry<'a> {
        match self.claims {
            Some(claims) => entry_for(cx, claims, name, self.site.at.value),
            None => Entry::Unknown,
        }
    }

    /// The algorithm, also where the header names it.
    pub(crate) fn algorithm(&self, cx: &Context<'a>) -> Option<At<'a>> {
        self.algorithm.or_else(|| match entry(cx, self.header?, "alg") {
            Entry::Given(held) => Some(held),
            _ => None,
        })
    }
}

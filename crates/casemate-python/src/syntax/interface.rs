//! What others see of a module without calling its functions.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;
use sha2::{Digest, Sha256};

use super::{Function, FunctionKind, Module, Op};

impl Module {
    /// A digest of everything but comments and the insides of functions that nobody but their callers looks at: those
    /// that make neither functions nor classes and construct nothing.
    ///
    /// Two versions of a module with the same digest look the same to whoever asks for its names, its classes, what
    /// functions take and how they are decorated.
    pub fn interface(&self) -> [u8; 32] {
        let mut has_inner = vec![false; self.functions.len()];
        for function in &self.functions {
            if matches!(function.kind, FunctionKind::Def | FunctionKind::ClassBody)
                && let Some(parent) = function.parent
                && let Some(has) = has_inner.get_mut(parent.0 as usize)
            {
                *has = true;
            }
        }
        let is_hidden = |at: usize, function: &Function| {
            function.kind == FunctionKind::Def && has_inner.get(at) == Some(&false) && function.name != "__init__"
        };
        let hidden = self.functions.iter().enumerate().filter(|(at, function)| is_hidden(*at, function));
        let mut cuts: Vec<(u32, u32)> = hidden.map(|(_, function)| (function.body, function.span.end)).collect();
        cuts.extend(self.comments.iter().map(|comment| (comment.span.start, comment.span.end)));
        cuts.sort_unstable();

        let mut digest = Sha256::new();
        let mut visible = String::with_capacity(self.text.len());
        let mut from = 0;
        for (start, end) in cuts {
            if start >= from {
                visible.push_str(self.text.get(from as usize..start as usize).unwrap_or_default());
            }
            from = from.max(end);
        }
        visible.push_str(self.text.get(from as usize..).unwrap_or_default());
        for line in visible.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
            digest.update(line.as_bytes());
            digest.update(b"\n");
        }
        for function in &self.functions {
            let answers_constants = !function.returns.is_empty()
                && function.returns.iter().all(|&value| matches!(function.op(value), Op::Constant(_)));
            digest.update([
                u8::from(function.is_generator),
                u8::from(answers_constants),
                u8::from(function.returns.is_empty()),
            ]);
        }
        digest.finalize().into()
    }
    /// What others can import of it, as numbers in order: each name with whether it is a function, a class, something
    /// imported from where, or another value.
    pub fn exports(&self) -> Vec<Export> {
        let number = |what: &dyn Fn(&mut FxHasher)| {
            let mut hasher = FxHasher::default();
            what(&mut hasher);
            hasher.finish()
        };
        let Some(body) = self.functions.first() else { return Vec::new() };
        let named = body.exit.iter().map(|&(symbol, value)| {
            let name = self.symbols.text(symbol);
            match body.op(value) {
                Op::Function(_) => Export { number: number(&|to| (name, 'f').hash(to)), leads_on: false },
                Op::Class(_) => Export { number: number(&|to| (name, 'c').hash(to)), leads_on: false },
                Op::Import(import) => {
                    let from = self.imports.get(import as usize).map(|one| (&one.module, &one.name, one.level));
                    Export { number: number(&|to| (name, from).hash(to)), leads_on: true }
                }
                _ => Export { number: number(&|to| (name, 'v').hash(to)), leads_on: false },
            }
        });
        let stars = self.star_imports.iter().filter_map(|&star| {
            let import = self.imports.get(star as usize)?;
            Some(Export { number: number(&|to| (&import.module, import.level).hash(to)), leads_on: true })
        });
        let mut all: Vec<Export> = named.chain(stars).collect();
        all.sort_unstable();
        all
    }
}

/// One name that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Export {
    /// The same for the same name of the same kind.
    pub number: u64,
    /// Whether it leads to another module.
    pub leads_on: bool,
}

//! What others see of a module without calling its functions.

use sha2::{Digest, Sha256};

use super::{Function, FunctionKind, Module, Op};

impl Module {
    /// A digest of everything but comments and the insides of functions that nobody but their callers looks at: those
    /// that make neither functions nor classes, construct nothing and may not be decorators.
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
            let may_decorate = function.class.is_none() && function.parameters.len() == 1;
            function.kind == FunctionKind::Def
                && has_inner.get(at) == Some(&false)
                && !may_decorate
                && function.name != "__init__"
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
}

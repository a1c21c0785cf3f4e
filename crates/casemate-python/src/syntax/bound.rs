//! What is refused before parsing, so that no input can exhaust memory or stack.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer};

/// Larger files are not analysed.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;

/// Deeper files are not analysed. Real code stays far below; CPython itself gives up at 200 parentheses.
pub const MAX_NESTING: u32 = 3000;

/// Stack that reading a module of [`MAX_NESTING`] levels may need, also in an unoptimised build.
pub const STACK_BYTES: usize = 256 * 1024 * 1024;

pub(super) fn size_problem(bytes: &[u8]) -> Option<String> {
    (bytes.len() > MAX_BYTES)
        .then(|| format!("larger than {} MiB ({} bytes), so the file was not analysed", MAX_BYTES >> 20, bytes.len()))
}

/// Whether the text may nest deeper than [`MAX_NESTING`].
///
/// SECURITY: parser, lowering and dropping recurse as deep as the tree is, and `a + b + …` deepens it with every
/// operator, as do attributes, calls and brackets. So the depth is bounded from above by the tokens alone: on each
/// level of brackets the operators of each precedence between those that bind less, plus the deepest of the brackets.
pub(super) fn nests_too_deep(text: &str) -> bool {
    let mut lexer = lexer::lex(text, Mode::Module);
    let mut levels: Vec<Level> = Vec::with_capacity(32);
    let mut here = Level::default();
    let mut indent = 0_u32;
    // Whether a sign would have something on its left to be between.
    let mut after_operand = false;
    loop {
        let kind = lexer.next_token();
        let was_after_operand = std::mem::replace(&mut after_operand, false);
        match kind {
            TokenKind::EndOfFile => return false,
            TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::True
            | TokenKind::False
            | TokenKind::None
            | TokenKind::Ellipsis => after_operand = true,
            TokenKind::Comment | TokenKind::NonLogicalNewline => after_operand = was_after_operand,
            TokenKind::FStringMiddle | TokenKind::TStringMiddle | TokenKind::Equal => {}
            // The colon that ends the parameters of a lambda.
            TokenKind::Colon => here.lambdas = here.lambdas.saturating_sub(1),
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => {
                here.operator(3);
                levels.push(std::mem::take(&mut here));
                if levels.len() > MAX_NESTING as usize {
                    return true;
                }
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::FStringEnd | TokenKind::TStringEnd => {
                let inner = here.depth();
                here = levels.pop().unwrap_or_default();
                here.inner = here.inner.max(inner);
                after_operand = true;
            }
            TokenKind::Comma if here.lambdas == 0 => here.next_element(),
            TokenKind::Comma => {}
            TokenKind::Newline | TokenKind::Semi => {
                levels.clear();
                here = Level::default();
            }
            TokenKind::Indent => indent += 1,
            TokenKind::Dedent => indent = indent.saturating_sub(1),
            TokenKind::Dot | TokenKind::DoubleStar | TokenKind::Tilde | TokenKind::Await => here.operator(3),
            TokenKind::Plus | TokenKind::Minus => here.operator(if was_after_operand { 1 } else { 3 }),
            TokenKind::Vbar
            | TokenKind::Amper
            | TokenKind::CircumFlex
            | TokenKind::LeftShift
            | TokenKind::RightShift => here.operator(1),
            TokenKind::Star | TokenKind::Slash | TokenKind::DoubleSlash | TokenKind::Percent | TokenKind::At => {
                here.operator(2);
            }
            kind => {
                here.lambdas += u32::from(kind == TokenKind::Lambda);
                here.operator(0);
            }
        }
        if here.depth() + indent > MAX_NESTING {
            return true;
        }
    }
}

/// What stands between two brackets, or on a line outside all of them.
#[derive(Default)]
struct Level {
    /// Operators of each precedence since the last one that binds less; 0 binds least.
    counts: [u32; 4],
    /// The most of them there were.
    most: [u32; 4],
    /// The depth of the deepest brackets.
    inner: u32,
    /// The depth of the elements before the last comma.
    before: u32,
    /// Lambdas whose parameters are being listed.
    lambdas: u32,
}

impl Level {
    fn operator(&mut self, precedence: usize) {
        self.counts[precedence] += 1;
        self.most[precedence] = self.most[precedence].max(self.counts[precedence]);
        for tighter in &mut self.counts[precedence + 1..] {
            *tighter = 0;
        }
    }

    fn depth(&self) -> u32 {
        self.before.max(self.most.iter().sum::<u32>() + self.inner)
    }

    fn next_element(&mut self) {
        *self = Self { before: self.depth(), ..Self::default() };
    }
}

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
    (bytes.len() > MAX_BYTES).then(|| {
        format!("larger than {} MiB ({} bytes), so the file was not analysed", MAX_BYTES >> 20, bytes.len())
    })
}

/// Whether the text may nest deeper than [`MAX_NESTING`].
///
/// SECURITY: parser, lowering and dropping recurse as deep as the tree is. `a + b + …` deepens it with every
/// operator, as do attributes, calls, and brackets. Each counts one on its bracket level; a comma or a new
/// statement starts the level over, but not a comma between the parameters of a lambda. That is never less than
/// the depth of the tree.
pub(super) fn nests_too_deep(text: &str) -> bool {
    let mut lexer = lexer::lex(text, Mode::Module);
    let mut levels: Vec<(u32, u32)> = Vec::with_capacity(32);
    let (mut here, mut lambdas) = (0_u32, 0_u32);
    let mut depth = 0_u32;
    let mut indent = 0_u32;
    loop {
        match lexer.next_token() {
            TokenKind::EndOfFile => return false,
            TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::String
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline
            | TokenKind::FStringMiddle
            | TokenKind::Equal => continue,
            // The colon that ends the parameters of a lambda.
            TokenKind::Colon => lambdas = lambdas.saturating_sub(1),
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace | TokenKind::FStringStart | TokenKind::TStringStart => {
                depth += 1;
                levels.push((here + 1, lambdas));
                (here, lambdas) = (0, 0);
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::FStringEnd | TokenKind::TStringEnd => {
                depth = depth.saturating_sub(here);
                // What was opened stays counted on the outer level: `f()()()` nests to the left.
                (here, lambdas) = levels.pop().unwrap_or((0, 0));
            }
            TokenKind::Comma if lambdas == 0 => {
                depth = depth.saturating_sub(here);
                here = 0;
            }
            TokenKind::Newline | TokenKind::Semi => {
                levels.clear();
                (here, lambdas, depth) = (0, 0, 0);
            }
            TokenKind::Indent => indent += 1,
            TokenKind::Dedent => indent = indent.saturating_sub(1),
            kind => {
                here += 1;
                depth += 1;
                lambdas += u32::from(kind == TokenKind::Lambda);
            }
        }
        if depth + indent > MAX_NESTING {
            return true;
        }
    }
}

//! What names mean: canonical paths of library names, and definitions across the modules of a project.

mod asked;
mod paths;
mod program;
mod source;

pub use asked::Asked;
pub use paths::{PathId, Paths};
pub use program::{Definition, ModuleId, Program, Target};
pub use source::{Later, Text};

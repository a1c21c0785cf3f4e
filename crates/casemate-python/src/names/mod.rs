//! What names mean: canonical paths of library names, and definitions across the modules of a project.

mod asked;
mod paths;
mod program;

pub use asked::Asked;
pub use paths::{PathId, Paths};
pub use program::{Definition, ModuleId, Program, Target};

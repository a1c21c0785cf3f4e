//! What every request passes on its way in, and every answer on its way out, the outermost first.

pub mod edge;
pub mod limits;

pub(crate) mod cors;
pub(crate) mod host;
pub(crate) mod load;
pub(crate) mod origin;
pub(crate) mod passage;

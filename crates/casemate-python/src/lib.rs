//! What the source says.
//!
//! Bytes of Python go in, facts come out: what was written ([`syntax`]), what its names mean across
//! modules ([`names`]), which routes a web application serves ([`routes`]), and where values come
//! from and go to ([`flow`]), in the form of [`facts`]. Nothing here knows a rule or a severity, opens a file or reads a clock; what a
//! library function does to data is told from outside by [`flow::Models`]. Bad Python is never an error:
//! what was understood is returned together with a list of problems.

pub mod facts;
pub mod flow;
pub mod names;
pub mod routes;
pub mod syntax;

//! A tenant to try things in.

pub mod fill_demo;

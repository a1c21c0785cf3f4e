//! A tenant to try things in.

mod fill_demo;

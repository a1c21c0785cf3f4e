//! Where it starts.

fn main() {}

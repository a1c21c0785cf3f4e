//! What happens in the tracker, as those see it who ask for it.

mod cases;
mod chores;
mod demo;
mod findings;
mod house;

//! What the store promises, on each engine.

mod audit;
mod house;
mod walls;

//! What there is and who may touch it.

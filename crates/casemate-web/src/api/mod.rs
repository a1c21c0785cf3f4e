//! What programs call.

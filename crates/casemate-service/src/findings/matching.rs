//! Finds out which results of a report are findings we know. Pure: no store, no clock.

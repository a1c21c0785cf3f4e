//! Reads what we need of a SARIF 2.1.0 report (OASIS, 2020), ours or another tool's.

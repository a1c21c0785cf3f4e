//! How a finding is told: text for people, JSON and SARIF 2.1.0 for programs.

//! Findings silenced by a comment: `# casemate: ignore[rule] until=2027-01-01 -- reason`, `# nosec`, `# noqa: S608`.

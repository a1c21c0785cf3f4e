//! Line drawings, 20 by 20, one path each.

/// The path of an icon; nothing for a name we do not draw.
pub(crate) fn path(name: &str) -> &'static str {
    match name {
        "cases" => "M3 6.5h14v10H3zM7 6.5v-2a1 1 0 0 1 1-1h4a1 1 0 0 1 1 1v2M3 11h14",
        "findings" => "M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l4 4M7 9l1.5 1.5L11.5 7.5",
        "import" => "M10 3v9M6.5 8.5 10 12l3.5-3.5M3.5 13v3.5h13V13",
        "members" => {
            "M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 16.5c0-3 2.5-5 5.5-5s5.5 2 5.5 5M13 3.8a3 3 0 0 1 0 5.4M15 12c1.9.8 3 2.4 3 4.5"
        }
        "clients" => "M13.5 3a3.5 3.5 0 0 0-3.3 4.7L3 15v2h3v-2h2v-2h2l1.3-1.2A3.5 3.5 0 1 0 13.5 3zM14 6h.01",
        "settings" => "M3 6h8M15 6h2M3 14h2M9 14h8M13 4v4M7 12v4",
        "trail" => "M4 3.5h9l3 3v10H4zM13 3.5v3h3M7 9h6M7 12h6",
        "me" => "M10 10a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3.5 17c0-3.5 3-5.5 6.5-5.5s6.5 2 6.5 5.5",
        "out" => "M8 3.5H4v13h4M12.5 6.5 16 10l-3.5 3.5M16 10H8",
        "menu" => "M3 6h14M3 10h14M3 14h14",
        "plus" => "M10 4v12M4 10h12",
        "search" => "M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l4 4",
        "next" => "M8 5l5 5-5 5",
        "check" => "M4 10.5l4 4 8-9",
        "warn" => "M10 3.5 17.5 16.5h-15zM10 8.5v3.5M10 14.3v.01",
        "lock" => "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9",
        "note" => "M3.5 4.5h13v9h-7l-3.5 3v-3H3.5z",
        "clock" => "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 6.5V10l2.5 1.5",
        "bug" => {
            "M7 7.5a3 3 0 0 1 6 0M6 8h8v4a4 4 0 0 1-8 0zM10 8v8M3 6.5 6 9M17 6.5 14 9M2.5 12H6M17.5 12H14M4 17l2.5-2.5M16 17l-2.5-2.5"
        }
        "start_review" => "M6.5 4.5v11l9-5.5z",
        "request_evidence" => "M7 7.5a3 3 0 1 1 4.2 2.7c-.8.4-1.2 1-1.2 1.8v.5M10 15.5v.01",
        "provide_evidence" => "M13.5 7 8 12.5a1.8 1.8 0 0 1-2.5-2.5L12 3.5a3.2 3.2 0 0 1 4.5 4.5L10 14.5",
        "escalate" => "M10 16V4.5M5 9l5-5 5 5",
        "approve_closure" => "M10 2.5l6 2v5c0 4-2.5 6.5-6 8-3.5-1.5-6-4-6-8v-5zM7.2 9.7l2 2 3.6-4",
        "reject_closure" => "M5 5l10 10M15 5 5 15",
        "close" | "close_gone" => "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM6.8 10.2l2.2 2.2 4.2-4.6",
        "reopen" | "void_approval" => "M4 8h8a4 4 0 0 1 0 8H8M7 4.5 3.5 8 7 11.5",
        // Shapes of the statuses, so that they differ without colour.
        "status-open" => "M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12z",
        "status-in_review" => "M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM10 7v3h2.5",
        "status-evidence_requested" => {
            "M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM8.5 8.3a1.6 1.6 0 1 1 2.2 1.5c-.5.2-.7.5-.7 1M10 13v.01"
        }
        "status-escalated" => "M10 15.5V5M5.5 9.5 10 5l4.5 4.5",
        "status-approved_for_closure" => "M10 3.5l5.5 1.8v4.4c0 3.5-2.3 5.7-5.5 7-3.2-1.3-5.5-3.5-5.5-7V5.3z",
        "status-closed" | "status-gone" => "M5 10.5l3.5 3.5L15 6.5",
        "status-reopened" => "M5 8.5h7a3.5 3.5 0 0 1 0 7H8.5M7.5 5.5l-3 3 3 3",
        _ => "",
    }
}

/// The shape of a status.
pub(crate) fn path_of_status(status: &str) -> &'static str {
    match status {
        "open" => path("status-open"),
        "in_review" => path("status-in_review"),
        "evidence_requested" => path("status-evidence_requested"),
        "escalated" => path("status-escalated"),
        "approved_for_closure" => path("status-approved_for_closure"),
        "reopened" => path("status-reopened"),
        _ => path("status-closed"),
    }
}

/// A bar of the severity meter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// Left.
    pub(crate) x: u8,
    /// Top.
    pub(crate) y: u8,
    /// Height.
    pub(crate) height: u8,
    /// Filled from this rank on.
    pub(crate) rank: i32,
}

/// The severity meter: four bars, none filled for info, all for critical.
pub(crate) const STEPS: [Step; 4] = [
    Step { x: 0, y: 10, height: 4, rank: 1 },
    Step { x: 4, y: 7, height: 7, rank: 2 },
    Step { x: 8, y: 4, height: 10, rank: 3 },
    Step { x: 12, y: 1, height: 13, rank: 4 },
];

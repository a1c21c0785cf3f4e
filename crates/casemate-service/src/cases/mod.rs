//! Cases and what is done with them.

pub mod add_note;
pub mod apply_action;
pub mod assign_case;
pub mod create_case;
pub mod edit_case;
pub mod list_cases;
pub mod name_readers;
pub mod offered_actions;
pub mod read_case;

//! The formats of providers, as tables: one file an area.
//!
//! They are constants, so that starting costs nothing and a wrong entry does not compile.

mod ai;
mod build;
mod chat;
mod cloud;
mod code_hosts;
mod commerce;
mod data;
mod identity;
mod keys;
mod mail;
mod maps;
mod monitoring;
mod payments;
mod work;

use super::detector::Detector;

/// All areas.
pub(super) static ALL: &[&[Detector]] = &[
    keys::ALL,
    code_hosts::ALL,
    cloud::ALL,
    data::ALL,
    build::ALL,
    ai::ALL,
    payments::ALL,
    chat::ALL,
    mail::ALL,
    work::ALL,
    commerce::ALL,
    monitoring::ALL,
    identity::ALL,
    maps::ALL,
];

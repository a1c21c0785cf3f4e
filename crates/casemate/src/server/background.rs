//! What a server does by itself: checkpoints of the audit trail, and chores.

use std::time::Duration;

use casemate_service::Service;
use casemate_service::chores::{expire_accepted_risks, sweep};
use casemate_service::trail::checkpoint::take_checkpoints;
use tokio::time::MissedTickBehavior;

use super::data_dir::DataDir;

/// How often checkpoints are taken. Oftener than every minute, so that not many events are without one.
const BETWEEN_CHECKPOINTS: Duration = Duration::from_secs(20);
const BETWEEN_CHORES: Duration = Duration::from_secs(60);

/// Works until the server ends.
pub(crate) async fn work(service: Service, data_dir: DataDir) {
    let mut checkpoints = tokio::time::interval(BETWEEN_CHECKPOINTS);
    let mut chores = tokio::time::interval(BETWEEN_CHORES);
    checkpoints.set_missed_tick_behavior(MissedTickBehavior::Delay);
    chores.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = checkpoints.tick() => take(&service, &data_dir).await,
            _ = chores.tick() => tidy(&service).await,
        }
    }
}

/// Takes checkpoints to the log and the file.
pub(crate) async fn take(service: &Service, data_dir: &DataDir) {
    let taken = match take_checkpoints(service).await {
        Ok(taken) if taken.is_empty() => return,
        Ok(taken) => taken,
        Err(fault) => return tell("checkpoints", &fault),
    };
    for checkpoint in &taken {
        tracing::info!(
            target: "audit",
            event = "audit_checkpoint",
            chain = checkpoint.chain,
            seq = checkpoint.seq,
            hash = checkpoint.hash,
            signature = checkpoint.signature,
        );
    }
    if let Err(error) = data_dir.append_checkpoints(&taken) {
        tracing::error!(event = "sys_fault", %error, "checkpoints could not be written to their file");
    }
}

async fn tidy(service: &Service) {
    match sweep::sweep(service).await {
        Ok(rows) => tracing::debug!(event = "chore_sweep", rows),
        Err(fault) => tell("sweep", &fault),
    }
    match expire_accepted_risks::expire_accepted_risks(service).await {
        Ok(0) => {}
        Ok(cases) => tracing::info!(event = "chore_expire_accepted_risks", cases),
        Err(fault) => tell("expire_accepted_risks", &fault),
    }
}

fn tell(chore: &str, fault: &casemate_service::Fault) {
    let cause = std::error::Error::source(fault).map(ToString::to_string).unwrap_or_default();
    tracing::error!(event = "sys_fault", chore, cause, "a chore failed");
}

//! What tells whether a file is as it was without reading it.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use casemate_audit::Stamp;

/// File systems count time in steps. What was written so shortly ago may be written again in the same step.
const STEP: Duration = Duration::from_millis(100);

/// The steps of file systems that count whole seconds, or two of them.
const LONG_STEP: Duration = Duration::from_secs(3);

/// The stamp of a file; nothing while it may be written again without getting another one.
pub(crate) fn of(file: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(file).ok()?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let (changed, number) = of_system(&metadata);
    let latest = modified.max(changed);
    let step = if latest.subsec_nanos() == 0 { LONG_STEP } else { STEP };
    let age = SystemTime::now().duration_since(UNIX_EPOCH + latest).ok()?;
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    (age > step).then(|| Stamp([metadata.len(), nanoseconds(modified), nanoseconds(changed), number]))
}

/// When anything about the file was last changed, and its number: programs that put back the time of writing cannot put
/// back these.
#[cfg(unix)]
fn of_system(metadata: &Metadata) -> (Duration, u64) {
    use std::os::unix::fs::MetadataExt;
    let seconds = u64::try_from(metadata.ctime()).unwrap_or_default();
    (Duration::new(seconds, u32::try_from(metadata.ctime_nsec()).unwrap_or_default()), metadata.ino())
}

#[cfg(not(unix))]
fn of_system(_: &Metadata) -> (Duration, u64) {
    (Duration::ZERO, 0)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_waits_and_changes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.py");
        fs::write(&file, "x = 1").unwrap();
        let settle = |age: u64| {
            let written = fs::File::options().write(true).open(&file).unwrap();
            written.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        };
        assert_eq!(of(&file), None, "it was written just now");
        std::thread::sleep(STEP * 3 / 2);
        let before = of(&file).unwrap();
        assert_eq!(of(&file), Some(before));
        fs::write(&file, "x = 2").unwrap();
        settle(3600);
        assert_eq!(of(&file), None, "it was changed just now, whatever it says of its writing");
        std::thread::sleep(STEP * 3 / 2);
        assert_ne!(of(&file), Some(before), "it has as many bytes, and says it is older");
        assert_eq!(of(&folder.path().join("b.py")), None);
    }
}

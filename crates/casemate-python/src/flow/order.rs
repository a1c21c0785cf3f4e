//! In which order modules are evaluated: imported ones before those that import them.

use crate::names::ModuleId;

/// The modules in waves. Those of a wave do not wait for each other; where imports go in a circle, somebody is first.
pub(super) fn waves(imported: &[Vec<ModuleId>]) -> Vec<Vec<ModuleId>> {
    let count = imported.len();
    let mut wave = vec![usize::MAX; count];
    let mut entered = vec![false; count];
    for root in 0..count {
        if entered[root] {
            continue;
        }
        entered[root] = true;
        let mut stack = vec![(root, 0)];
        while let Some((module, next)) = stack.pop() {
            if let Some(other) = imported[module].get(next).map(|other| other.0 as usize) {
                stack.push((module, next + 1));
                if !entered[other] {
                    entered[other] = true;
                    stack.push((other, 0));
                }
            } else {
                // Modules that are still being entered are part of a circle.
                let after = imported[module]
                    .iter()
                    .map(|other| wave[other.0 as usize])
                    .filter(|&wave| wave != usize::MAX)
                    .max();
                wave[module] = after.map_or(0, |after| after + 1);
            }
        }
    }
    let mut waves = vec![Vec::new(); wave.iter().max().map_or(0, |last| last + 1)];
    for (id, wave) in (0..).map(ModuleId).zip(wave) {
        if let Some(wave) = waves.get_mut(wave) {
            wave.push(id);
        }
    }
    waves
}

//! Waiting for what may still come up: only checks in such a state are looked at again, with what they block.

use std::sync::Arc;

use super::{
    plan::Plan,
    run::{Event, Limits, examine},
};
use crate::{calendar::Calendar, host::Host, model::Finding};

/// Looks again at what may still come up, until nothing is left of it or `pause` says that the time is over. `machine`
/// gives the machine anew, because what it answered before is no longer true.
pub fn wait(
    plan: &Plan<'_>,
    mut findings: Vec<Finding>,
    calendar: &Calendar,
    machine: &mut dyn FnMut() -> (Arc<dyn Host>, Limits),
    pause: &mut dyn FnMut(&[String]) -> bool,
    tell: &mut dyn FnMut(Event<'_>),
) -> Vec<Finding> {
    loop {
        let open = may_come_up(plan, &findings);
        if open.is_empty() || !pause(&open) {
            return findings;
        }
        let waits = |finding: &Finding| {
            let by = finding.blocked_by.as_ref();
            open.contains(&finding.id) || by.is_some_and(|by| open.contains(by))
        };
        let again: Vec<String> = findings.iter().filter(|finding| waits(finding)).map(|one| one.id.clone()).collect();
        let items = plan.items.iter().filter(|item| again.contains(&item.subject.id())).copied().collect();
        let (host, limits) = machine();
        for new in examine(&Plan { items }, &host, calendar, limits, tell) {
            if let Some(old) = findings.iter_mut().find(|old| old.id == new.id) {
                *old = new;
            }
        }
    }
}

/// The checks whose state may pass by itself.
fn may_come_up(plan: &Plan<'_>, findings: &[Finding]) -> Vec<String> {
    let passes = |finding: &&Finding| {
        let state = finding.diagnosis.as_deref().and_then(|id| id.split('/').nth(1));
        let item = plan.items.iter().find(|item| item.subject.id() == finding.id);
        finding.blocked_by.is_none()
            && state
                .zip(item)
                .is_some_and(|(state, item)| item.subject.check.may_come_up.iter().any(|known| known == state))
    };
    findings.iter().filter(passes).map(|finding| finding.id.clone()).collect()
}

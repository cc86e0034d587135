//! Waiving findings: what a course knows about does not count, until its day has passed.

use std::collections::BTreeMap;

use super::{Profile, Waiver};
use crate::model::{
    Finding, Outcome, Platform,
    finding::Waived,
    report::{self, WaiverState},
};

impl Profile {
    /// Marks what is waived here and today, what that blocks included, and notes what became of each waiver.
    pub fn waive(&mut self, findings: &mut [Finding], platform: &Platform, label: &str) {
        for waiver in &mut self.waivers {
            waiver.state = waiver.use_up(findings, platform, label);
        }
        let waived: BTreeMap<String, Waived> =
            findings.iter().filter_map(|finding| Some((finding.id.clone(), finding.waived.clone()?))).collect();
        for finding in findings.iter_mut().filter(|finding| finding.waived.is_none()) {
            finding.waived = finding.blocked_by.as_ref().and_then(|by| waived.get(by)).cloned();
        }
    }
}

impl Waiver {
    fn use_up(&self, findings: &mut [Finding], platform: &Platform, label: &str) -> WaiverState {
        let here = (self.platform.is_empty() || self.platform.iter().any(|word| platform.is(word)))
            && (self.label.is_empty() || self.label.iter().any(|word| word == label));
        if !here {
            return WaiverState::Elsewhere;
        }
        // Days are written so that they compare as text; without a clock nothing has expired.
        if !platform.today.is_empty() && platform.today > self.until {
            return WaiverState::Expired;
        }
        let mut state = WaiverState::NotNeeded;
        for finding in findings.iter_mut().filter(|finding| self.is_for(finding)) {
            finding.waived = Some(Waived { reason: self.reason.clone(), until: self.until.clone() });
            state = WaiverState::Used;
        }
        state
    }

    fn is_for(&self, finding: &Finding) -> bool {
        let troubled = matches!(finding.outcome, Outcome::Fail | Outcome::Unknown);
        troubled && (self.id.name == finding.id || finding.diagnosis.as_ref() == Some(&self.id.name))
    }

    pub(super) fn reported(&self) -> report::Waiver {
        report::Waiver {
            id: self.id.name.clone(),
            reason: self.reason.clone(),
            until: self.until.clone(),
            state: self.state,
        }
    }
}

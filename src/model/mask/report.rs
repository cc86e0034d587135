//! Masking whole structures: what the catalogue says stays, what was seen is masked.

use super::Mask;
use crate::model::{Evidence, Finding, Platform, Report, Step, observation::telling};

impl Mask {
    /// Masks everything in a report that was seen on the machine.
    pub fn report(&self, report: &mut Report) {
        report.platform = self.platform(&report.platform);
        report.findings.iter_mut().for_each(|finding| self.finding(finding, &report.platform));
        report.profile.iter_mut().for_each(|profile| profile.file = self.text(&profile.file));
    }

    /// A platform without anybody in it.
    pub fn platform(&self, platform: &Platform) -> Platform {
        Platform {
            name: self.text(&platform.name),
            evidence: platform.evidence.iter().map(|line| self.text(line)).collect(),
            ..platform.clone()
        }
    }

    /// Masks a finding; `id`, `tool`, `title`, `why` and `see` are the catalogue's own words.
    pub fn finding(&self, finding: &mut Finding, platform: &Platform) {
        let text = |text: &mut String| *text = self.text(text);
        text(&mut finding.found);
        finding.version.iter_mut().for_each(text);
        finding.asked.iter_mut().for_each(|asked| text(&mut asked.file));
        if let Some(step) = &mut finding.fix {
            self.step(step, platform);
        }
        if let Some(evidence) = &mut finding.evidence {
            self.evidence(evidence);
        }
    }

    fn step(&self, step: &mut Step, platform: &Platform) {
        let command = |command: &mut String| *command = self.command(command, platform.os);
        step.run.iter_mut().for_each(command);
        step.fish.iter_mut().for_each(command);
        command(&mut step.verify);
        step.act = self.text(&step.act);
    }

    fn evidence(&self, evidence: &mut Evidence) {
        let text = |text: &mut String| *text = self.text(text);
        evidence.argv.iter_mut().for_each(text);
        evidence.candidates.iter_mut().for_each(text);
        evidence.files.iter_mut().for_each(text);
        text(&mut evidence.program);
        evidence.excerpt = telling(&self.text(&evidence.excerpt));
    }
}

//! What a profile asks for, for people.

use std::io::{self, Write};

use super::{
    look::{Look, Tone},
    plain, text,
};
use crate::{
    exam::Plan,
    model::{
        Level, Platform,
        report::{Profile, WaiverState},
    },
};

/// Writes what a run with it would look at here, and what it waives.
///
/// # Errors
/// What writing says.
pub fn show(
    profile: &Profile,
    plan: &Plan<'_>,
    platform: &Platform,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{}", look.paint(Tone::Strong, plain::profile(profile)))?;
    for level in [Level::Required, Level::Recommended, Level::Optional] {
        let of_level = plan.items.iter().filter(|item| item.skip.is_none() && item.subject.level(platform) == level);
        let ids: Vec<String> = of_level
            .map(|item| match &item.subject.check.asked {
                Some(asked) => format!("{} {}", item.subject.id(), asked.version),
                None => item.subject.id(),
            })
            .collect();
        if !ids.is_empty() {
            writeln!(out)?;
            let words = format!("{}: {}", level.word(), ids.join(", "));
            text::wrap(&words, look, "", "  ").iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
    }
    if !profile.waivers.is_empty() {
        writeln!(out)?;
    }
    for waiver in &profile.waivers {
        let state = if waiver.state == WaiverState::Expired { "has expired on" } else { "waived until" };
        let words = format!("{} {state} {}: {}", waiver.id, waiver.until, waiver.reason);
        text::wrap(&words, look, "", "  ").iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

/// Says in one line that it is in order.
///
/// # Errors
/// What writing says.
pub fn in_order(profile: &Profile, plan: &Plan<'_>, out: &mut dyn Write) -> io::Result<()> {
    let asked = plan.items.iter().filter(|item| item.subject.check.asked.is_some()).count();
    let expired = profile.waivers.iter().filter(|waiver| waiver.is_expired()).count();
    let mut words = vec![
        format!("{} is in order", plain::profile(profile)),
        text::count(plan.items.len(), "check"),
        text::count(asked, "version"),
        text::count(profile.waivers.len(), "waiver"),
    ];
    if expired > 0 {
        words.push(format!("{expired} of them expired"));
    }
    writeln!(out, "{}", words.join(", "))
}

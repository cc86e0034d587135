//! Support calendars: until when a line of a tool gets security updates. Data with the day it was taken, judged
//! against the machine's own date (which a recording carries), never against a clock.

use serde::Deserialize;

use crate::model::Version;

/// Support dates of several tools.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// The day the dates were taken, `YYYY-MM-DD`.
    pub taken: String,
    /// The lines, in any order.
    #[serde(default)]
    pub line: Vec<Line>,
}

/// One line of one tool.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The tool's name in the calendar: `node`, `python`, `go`, `ubuntu`, …
    pub tool: String,
    /// The line: `22`, `3.12`, `1.27`.
    pub version: String,
    /// The day security updates end; empty where it is not known yet.
    #[serde(default)]
    pub until: String,
    /// The day from which it is meant for everyone (a long-term line); before it, it is too new for a course.
    #[serde(default)]
    pub from: String,
    /// Whether it is a line that never gets long-term support, such as an odd Node.
    #[serde(default)]
    pub short: bool,
    /// Where the dates come from.
    #[serde(default)]
    pub source: String,
}

/// Where a version stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life<'a> {
    /// It gets security updates until the day, for a good while yet.
    Supported(&'a str),
    /// It gets security updates for less than 45 days more.
    Ending(&'a str),
    /// They ended within the last year.
    EndedLately(&'a str),
    /// They ended longer ago.
    Ended(&'a str),
    /// It is a line without long-term support.
    Short(&'a str),
    /// It is newer than every line that is meant for everyone.
    TooNew,
    /// The calendar does not know the tool.
    Unknown,
}

impl<'a> Life<'a> {
    /// The word for [`Life::Ended`].
    pub const ENDED: &'static str = "ended";
    /// The word for [`Life::EndedLately`].
    pub const LATELY: &'static str = "ended-lately";
    /// The word for [`Life::Ending`].
    pub const ENDING: &'static str = "ending";

    /// The fact `life`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Supported(_) => "supported",
            Self::Ending(_) => Self::ENDING,
            Self::EndedLately(_) => Self::LATELY,
            Self::Ended(_) => Self::ENDED,
            Self::Short(_) => "short",
            Self::TooNew => "too-new",
            Self::Unknown => "unknown",
        }
    }

    /// The fact `ends`: the day updates end or ended.
    pub fn ends(self) -> Option<&'a str> {
        match self {
            Self::Supported(day) | Self::Ending(day) | Self::EndedLately(day) | Self::Ended(day) | Self::Short(day) => {
                Some(day).filter(|day| !day.is_empty())
            }
            Self::TooNew | Self::Unknown => None,
        }
    }
}

impl Calendar {
    /// Where a version of a tool stands on a day (`YYYY-MM-DD`).
    pub fn life<'a>(&'a self, tool: &str, version: &Version, today: &str) -> Life<'a> {
        let lines = || self.line.iter().filter(|line| line.tool == tool);
        let Some(line) = lines().find(|line| matches(&line.version, version)) else {
            let parsed = |line: &Line| line.version.parse::<Version>().ok();
            let (oldest, newest) = (lines().filter_map(parsed).min(), lines().filter_map(parsed).max());
            return match (oldest, newest) {
                (_, Some(newest)) if *version > newest => Life::TooNew,
                (Some(oldest), _) if *version < oldest => Life::Ended(""),
                _ => Life::Unknown,
            };
        };
        let until = line.until.as_str();
        // Dates are text of one form, so comparing text compares days.
        if !line.from.is_empty() && !today.is_empty() && today < line.from.as_str() {
            return Life::TooNew;
        }
        let left = days(until).zip(days(today)).map(|(until, today)| until - today);
        match left {
            Some(left) if left < -365 => Life::Ended(until),
            Some(left) if left < 0 => Life::EndedLately(until),
            _ if line.short => Life::Short(until),
            Some(left) if left < 45 => Life::Ending(until),
            _ => Life::Supported(until),
        }
    }

    /// Days from the day the dates were taken to `today`; fewer than none where the clock is behind.
    pub fn age(&self, today: &str) -> Option<i64> {
        days(&self.taken).zip(days(today)).map(|(taken, today)| today - taken)
    }

    /// Whether the dates were taken more than a year before `today`.
    pub fn is_old(&self, today: &str) -> bool {
        self.age(today).is_some_and(|age| age > 365)
    }
}

/// Whether `version` belongs to the line `22` or `3.12`.
fn matches(line: &str, version: &Version) -> bool {
    let mut numbers = line.split('.').map(str::parse::<u64>);
    let major = numbers.next();
    major == Some(Ok(version.major())) && numbers.next().is_none_or(|minor| minor == Ok(version.minor()))
}

/// Days since 1970-01-01 of `YYYY-MM-DD` (civil-from-days, Howard Hinnant).
pub fn days(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// Seconds since 1970 as `2026-11-22T19:24:51Z`.
pub fn rfc3339(seconds: i64) -> String {
    let (day, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    format!("{}T{:02}:{:02}:{:02}Z", date(day), rest / 3600, rest / 60 % 60, rest % 60)
}

/// `YYYY-MM-DD` of days since 1970-01-01.
pub fn date(days: i64) -> String {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted - era * 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    format!("{:04}-{month:02}-{day:02}", year_of_era + era * 400 + i64::from(month <= 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> Calendar {
        toml::from_str(
            r#"
            taken = "2026-11-22"
            line = [
              { tool = "node", version = "20", until = "2026-04-30" },
              { tool = "node", version = "24", until = "2028-04-30" },
              { tool = "node", version = "23", until = "2027-06-01", short = true },
              { tool = "node", version = "27", until = "2030-04-30", from = "2027-10-20" },
              { tool = "python", version = "3.10", until = "2026-12-01" },
            ]"#,
        )
        .unwrap()
    }

    #[test]
    fn life_is_told_by_date() {
        let calendar = calendar();
        let life = |tool, version: &str, today| calendar.life(tool, &version.parse().unwrap(), today).word();
        assert_eq!(life("node", "20.19.5", "2026-11-22"), "ended-lately");
        assert_eq!(life("node", "20.19.5", "2028-11-22"), "ended");
        assert_eq!(life("node", "20.19.5", "2026-04-30"), "ending");
        assert_eq!(life("node", "24.1.0", "2026-11-22"), "supported");
        assert_eq!(life("node", "23.1.0", "2026-11-22"), "short");
        assert_eq!(life("node", "27.0.0-alpha.1", "2026-11-22"), "too-new");
        assert_eq!(life("node", "30.0.0", "2026-11-22"), "too-new");
        assert_eq!(life("node", "12.0.0", "2026-11-22"), "ended");
        assert_eq!(life("python", "3.10.9", "2026-11-22"), "ending");
        assert_eq!(life("other", "1", "2026-11-22"), "unknown");
        assert!(!calendar.is_old("2027-11-22") && calendar.is_old("2027-11-24"));
    }

    #[test]
    fn days_and_dates_are_inverse() {
        for day in ["1970-01-01", "2000-02-29", "2026-11-22", "2099-12-31"] {
            assert_eq!(date(days(day).unwrap()), day);
        }
        assert_eq!(days("1970-01-02"), Some(1));
        assert_eq!(days("soon"), None);
    }
}

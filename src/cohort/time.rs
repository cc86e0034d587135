//! When a report was made, as it says itself.

use crate::calendar;

/// A moment as a report states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// Seconds since 1970 in UTC.
    pub seconds: i64,
    /// Whether it said from where it counts; if not, UTC is taken.
    pub zoned: bool,
}

/// Reads RFC 3339; without a zone it is taken as UTC, without a time as midnight. Fractions are passed over.
pub fn read(text: &str) -> Option<Moment> {
    let text = text.trim();
    let date = text.get(..10)?;
    let day = calendar::days(date).filter(|day| is_plain(date) || calendar::date(*day) == date)?;
    let rest = &text[10..];
    if rest.is_empty() {
        return Some(Moment { seconds: day * 86_400, zoned: false });
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let number = |from: usize, most: i64| -> Option<i64> {
        let two = rest.get(from..from + 2)?;
        let digits = two.bytes().all(|byte| byte.is_ascii_digit());
        two.parse().ok().filter(|number| digits && *number <= most)
    };
    let separated = |at: usize| rest.as_bytes().get(at) == Some(&b':');
    let (hour, minute, second) = (number(0, 23)?, number(3, 59)?, number(6, 60)?);
    if !separated(2) || !separated(5) {
        return None;
    }
    let mut zone = &rest[8..];
    if let Some(fraction) = zone.strip_prefix('.') {
        zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    }
    let seconds = day * 86_400 + hour * 3600 + minute * 60 + second;
    let (sign, offset) = match zone.chars().next() {
        None => return Some(Moment { seconds, zoned: false }),
        Some('Z' | 'z') if zone.len() == 1 => return Some(Moment { seconds, zoned: true }),
        Some('+') => (1, &zone[1..]),
        Some('-') => (-1, &zone[1..]),
        Some(_) => return None,
    };
    let (hours, minutes) = offset.split_once(':')?;
    let within = |text: &str, most: i64| text.parse::<i64>().ok().filter(|number| (0..=most).contains(number));
    let ahead = within(hours, 23)? * 3600 + within(minutes, 59)? * 60;
    Some(Moment { seconds: seconds - sign * ahead, zoned: true })
}

/// Whether a date is one that every month has, written as dates are: no need to look whether the month has it.
fn is_plain(date: &str) -> bool {
    let [_, _, _, _, b'-', m, n, b'-', d, e] = date.as_bytes() else { return false };
    let digits = date.bytes().enumerate().all(|(at, byte)| matches!(at, 4 | 7) || byte.is_ascii_digit());
    let two = |tens: &u8, ones: &u8| tens.wrapping_sub(b'0').wrapping_mul(10).wrapping_add(ones.wrapping_sub(b'0'));
    digits && (1..=12).contains(&two(m, n)) && (1..=28).contains(&two(d, e))
}

/// What `--since` takes: a day, a moment, or how long ago (`7d`, `36h`, `2w`); in seconds since 1970.
///
/// # Errors
/// A sentence that says what is accepted.
pub fn since(text: &str, now: i64) -> Result<i64, String> {
    let ago = [("w", 604_800), ("d", 86_400), ("h", 3600)];
    for (unit, seconds) in ago {
        if let Some(number) = text.strip_suffix(unit).and_then(|number| number.parse::<u32>().ok()) {
            return Ok(now - i64::from(number) * seconds);
        }
    }
    read(text).map(|moment| moment.seconds).ok_or_else(|| {
        format!("`{text}` is no time; write a day (`2026-11-20`), a moment (`2026-11-20T18:00:00Z`) or how long ago (`7d`, `36h`)")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_with_and_without_zone() {
        let seconds = |text| read(text).map(|moment| (moment.seconds, moment.zoned));
        assert_eq!(seconds("2026-11-22T19:24:51Z"), Some((1_795_375_491, true)));
        assert_eq!(seconds("2026-11-22T20:24:51.123+01:00"), Some((1_795_375_491, true)));
        assert_eq!(seconds("2026-11-22T14:24:51-05:00"), Some((1_795_375_491, true)));
        assert_eq!(seconds("2026-11-22T19:24:51"), Some((1_795_375_491, false)));
        assert_eq!(seconds("2026-11-22"), Some((1_795_305_600, false)));
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some((0, true)));
        for wrong in [
            "",
            "yesterday",
            "2026-13-01",
            "2026-11-22T25:00:00Z",
            "2026-11-22T1:2:3Z",
            "2026-11-22T19:24:51+xx",
            "é026-11-22",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn since_counts_back_from_now() {
        assert_eq!(since("2d", 200_000), Ok(27_200));
        assert_eq!(since("1970-01-02", 0), Ok(86_400));
        assert!(since("soon", 0).unwrap_err().contains("7d"));
    }
}

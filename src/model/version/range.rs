//! What other tools' files ask for, each in its own notation, as a [`Requirement`].

use super::Requirement;

/// A number with up to three parts, the rest of the text behind it dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    major: u64,
    minor: Option<u64>,
    patch: Option<u64>,
}

impl Part {
    /// Reads `1`, `1.2`, `v1.2.3-rc1`, `1.x`, `1.*`; nothing where no number comes first.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches(['v', 'V', '=']);
        // A suffix belongs to one exact build (`3.12.1rc1`, `1.2.3+sha512.abc`) and is no part of what is compared.
        let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '*' | 'x' | 'X')));
        let mut numbers = text[..end.unwrap_or(text.len())].split('.');
        let major = numbers.next()?.parse().ok()?;
        let mut next = || numbers.next().and_then(|number| number.parse().ok());
        let minor = next();
        Some(Self { major, minor, patch: minor.and_then(|_| next()) })
    }

    /// With the parts that nobody wrote as zeros.
    fn whole(self) -> Self {
        Self { minor: Some(self.minor.unwrap_or(0)), patch: Some(self.patch.unwrap_or(0)), ..self }
    }

    fn text(self) -> String {
        let rest = [self.minor, self.patch].into_iter().flatten().map(|number| format!(".{number}"));
        std::iter::once(self.major.to_string()).chain(rest).collect()
    }
}

impl Requirement {
    /// One version, or every version that starts with it: `20`, `v20.11`, `3.12.1`.
    pub fn starting_with(text: &str) -> Option<Self> {
        let part = Part::read(text)?;
        Self::any_of(text, &[format!("={}", part.text())])
    }

    /// This version or a newer one.
    pub fn at_least(text: &str) -> Option<Self> {
        let part = Part::read(text)?;
        Self::any_of(text, &[format!(">={}", part.text())])
    }

    /// npm's ranges: `^18 || >=20.1 <23`, `20 - 22`, `18.x`. Nothing for what is no range, or every version.
    pub fn npm(text: &str) -> Option<Self> {
        let alternatives: Option<Vec<String>> = text.split("||").map(npm_alternative).collect();
        Self::any_of(text, &alternatives?)
    }

    /// Python's version specifiers: `>=3.11,<3.14`, `~=3.11`, `==3.12.*`, `!=3.12.1`. Nothing for what is none.
    pub fn python(text: &str) -> Option<Self> {
        let mut alternatives = vec![String::new()];
        for specifier in text.split(',').map(str::trim).filter(|specifier| !specifier.is_empty()) {
            // What is excluded lies below or above.
            let choices = python_specifier(specifier)?;
            alternatives =
                alternatives.iter().flat_map(|known| choices.iter().map(move |choice| join(known, choice))).collect();
            if alternatives.len() > 64 {
                return None;
            }
        }
        Self::any_of(text, &alternatives)
    }

    /// What to ask an installer for: the shortest beginning of a version whose newest release still fits.
    pub fn to_install(&self) -> Option<String> {
        let least = self.least()?;
        let fits = |minor, patch| {
            let newest = format!("{}.{minor}.{patch}", least.major());
            newest.parse().is_ok_and(|version| self.holds(&version))
        };
        // No release line reaches these numbers, so what holds for them holds for the line's newest.
        if fits(9999, 9999) {
            Some(least.major().to_string())
        } else if fits(least.minor(), 9999) {
            Some(format!("{}.{}", least.major(), least.minor()))
        } else {
            Some(least.to_string())
        }
    }
}

fn join(known: &str, more: &str) -> String {
    if known.is_empty() { more.to_owned() } else { format!("{known}, {more}") }
}

fn npm_alternative(text: &str) -> Option<String> {
    if let Some((from, to)) = text.split_once(" - ") {
        return Some(format!(">={}, <={}", Part::read(from)?.text(), Part::read(to)?.text()));
    }
    let mut whole = String::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        let split = word.find(|c: char| !matches!(c, '<' | '>' | '=' | '^' | '~')).unwrap_or(word.len());
        let (sign, mut version) = word.split_at(split);
        if version.is_empty() {
            // `>= 18` with a blank between.
            version = words.next()?;
        }
        if matches!(version, "*" | "x" | "X") {
            continue;
        }
        let sign = match sign {
            "" | "=" => "=",
            "~>" => "~",
            "<" | "<=" | ">" | ">=" | "^" | "~" => sign,
            _ => return None,
        };
        whole = join(&whole, &format!("{sign}{}", Part::read(version)?.text()));
    }
    Some(if whole.is_empty() { "*".to_owned() } else { whole })
}

/// The comparisons of which one must hold.
fn python_specifier(text: &str) -> Option<Vec<String>> {
    let split = text.find(|c: char| !matches!(c, '<' | '>' | '=' | '~' | '!'))?;
    let (sign, version) = text.split_at(split);
    let part = Part::read(version)?;
    let exact = part.whole().text();
    let prefix = version.trim().ends_with(".*");
    Some(match sign {
        "==" if prefix => vec![format!("={}", part.text())],
        "==" | "===" => vec![format!("={exact}")],
        "!=" if prefix => {
            let next = match part.minor {
                Some(minor) => format!("{}.{}.0", part.major, minor + 1),
                None => format!("{}.0.0", part.major + 1),
            };
            vec![format!("<{exact}"), format!(">={next}")]
        }
        "!=" => vec![format!("<{exact}"), format!(">{exact}")],
        "~=" => {
            let next = match part.patch {
                Some(_) => format!("{}.{}.0", part.major, part.minor? + 1),
                None => format!("{}.0.0", part.major + 1),
            };
            vec![format!(">={exact}, <{next}")]
        }
        "<" | "<=" | ">" | ">=" => vec![format!("{sign}{exact}")],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(requirement: Option<Requirement>, version: &str) -> bool {
        requirement.unwrap().holds(&version.parse().unwrap())
    }

    #[test]
    fn npm_ranges() {
        for (range, yes, no) in [
            ("^18 || >=20.1 <23", &["18.19.0", "20.1.0", "22.9.9"][..], &["19.0.0", "20.0.9", "23.0.0", "17.0.0"][..]),
            ("20 - 22", &["20.0.0", "22.9.0"], &["19.9.9", "23.0.0"]),
            ("18.x", &["18.0.0", "18.20.1"], &["19.0.0"]),
            (">= 18", &["18.0.0", "30.0.0"], &["17.9.9"]),
            ("~20.11", &["20.11.9"], &["20.12.0"]),
            (">20", &["21.0.0"], &["20.9.9"]),
            ("<=20", &["20.9.9"], &["21.0.0"]),
            ("*", &["1.0.0"], &[]),
            ("v20.11.1", &["20.11.1"], &["20.11.2"]),
        ] {
            yes.iter().for_each(|version| assert!(holds(Requirement::npm(range), version), "{range} {version}"));
            no.iter().for_each(|version| assert!(!holds(Requirement::npm(range), version), "{range} {version}"));
        }
        assert!(Requirement::npm("latest").is_none() && Requirement::npm(">=").is_none());
    }

    #[test]
    fn python_specifiers() {
        for (specifier, yes, no) in [
            (">=3.11,<3.14", &["3.11.0", "3.13.9"][..], &["3.10.9", "3.14.0"][..]),
            ("~=3.11", &["3.11.0", "3.14.0"], &["3.10.0", "4.0.0"]),
            ("~=3.11.2", &["3.11.2", "3.11.9"], &["3.11.1", "3.12.0"]),
            ("==3.12.*", &["3.12.7"], &["3.13.0"]),
            (">=3.11, !=3.12.1", &["3.12.0", "3.12.2"], &["3.12.1", "3.10.0"]),
            ("!=3.12.*", &["3.11.9", "3.13.0"], &["3.12.0", "3.12.9"]),
            (">3.12", &["3.12.1"], &["3.12.0"]),
            ("<=3.12", &["3.12.0"], &["3.12.1"]),
        ] {
            yes.iter().for_each(|v| assert!(holds(Requirement::python(specifier), v), "{specifier} {v}"));
            no.iter().for_each(|v| assert!(!holds(Requirement::python(specifier), v), "{specifier} {v}"));
        }
        assert!(Requirement::python("^3.11").is_none() && Requirement::python("3.11").is_none());
    }

    #[test]
    fn what_to_install_fits_and_is_short() {
        let to_install = |requirement: Option<Requirement>| requirement.unwrap().to_install().unwrap();
        assert_eq!(to_install(Requirement::npm(">=20.11")), "20");
        assert_eq!(to_install(Requirement::npm("~20.11.1")), "20.11");
        assert_eq!(to_install(Requirement::starting_with("v20.11.1")), "20.11.1");
        assert_eq!(to_install(Requirement::python(">=3.11,<3.14")), "3.11");
        assert_eq!(to_install(Requirement::npm("20 || 22")), "20");
    }

    #[test]
    fn requirements_meet_or_contradict() {
        let meet = |one: &str, other: &str| Requirement::npm(one).unwrap().meets(&Requirement::npm(other).unwrap());
        assert!(meet(">=18", "20") && meet("20", ">=20.11") && meet("^18 || ^20", "20.1.0") && meet("*", "3"));
        assert!(!meet(">=20", "18") && !meet("20.1.0", "20.1.1") && !meet(">20", "<=20") && !meet("<3", ">=3"));
    }
}

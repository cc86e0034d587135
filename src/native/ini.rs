//! INI files as Python's configparser reads them, which is how the AWS, Google Cloud and Azure CLIs do.

/// Sections with their keys, in order.
pub type Sections = Vec<(String, Vec<(String, String)>)>;

/// Reads a file's text.
///
/// # Errors
/// The number of the line (from 1) that configparser would stop at: text before the first section, or a line that is
/// neither `key = value` nor a continuation.
pub fn parse(text: &str) -> Result<Sections, usize> {
    let mut sections: Sections = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            sections.push((name.0.trim().to_owned(), Vec::new()));
            continue;
        }
        let Some((_, keys)) = sections.last_mut() else { return Err(at + 1) };
        let continues = line.starts_with([' ', '\t']) && !keys.is_empty();
        match trimmed.split_once(['=', ':']) {
            _ if continues => {}
            Some((key, value)) => keys.push((key.trim().to_lowercase(), value.trim().to_owned())),
            None => return Err(at + 1),
        }
    }
    Ok(sections)
}

/// A key's value in a section, where it is set and not empty.
pub fn value<'a>(sections: &'a Sections, section: &str, key: &str) -> Option<&'a str> {
    let keys = sections.iter().filter(|(name, _)| name == section).flat_map(|(_, keys)| keys);
    keys.filter(|(name, value)| name == key && !value.is_empty()).map(|(_, value)| value.as_str()).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_read_and_damage_is_located() {
        let sections = parse("# c\n[a]\nx = 1\n  more\n[ b c ]\ny: 2\n").unwrap_or_default();
        assert_eq!(value(&sections, "a", "x"), Some("1"));
        assert_eq!(value(&sections, "b c", "y"), Some("2"));
        assert_eq!(parse("region = x\n[a]\n"), Err(1));
        assert_eq!(parse("[a]\nnonsense\n"), Err(2));
    }
}

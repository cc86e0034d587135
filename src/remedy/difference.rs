//! What differs between two versions of a small text file.

/// The lines that went (`-`), came (`+`) or stayed (` `), those that stayed only within `around` lines of a change.
/// Files that doctor edits change in one place, so what begins and what ends alike is found, and the rest replaced.
pub fn lines<'a>(old: &'a str, new: &'a str, around: usize) -> Vec<(char, &'a str)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let before = &old[start.saturating_sub(around)..start];
    let gone = &old[start..old.len() - end];
    let come = &new[start..new.len() - end];
    let after = &old[old.len() - end..];
    let signed = |sign: char, lines: &[&'a str]| lines.iter().map(|line| (sign, *line)).collect::<Vec<_>>();
    [signed(' ', before), signed('-', gone), signed('+', come), signed(' ', &after[..after.len().min(around)])].concat()
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn only_what_changed_is_told() {
        assert_eq!(lines("a\nb\nc\n", "a\nb\nc\nd\n", 1), [(' ', "c"), ('+', "d")]);
        assert_eq!(lines("a\nb\nc\n", "a\nx\nc\n", 9), [(' ', "a"), ('-', "b"), ('+', "x"), (' ', "c")]);
        assert_eq!(lines("", "a\n", 3), [('+', "a")]);
        assert_eq!(lines("a\na\n", "a\n", 0), [('-', "a")]);
        assert!(lines("a\n", "a\n", 0).is_empty());
    }
}

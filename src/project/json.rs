//! Where a value stands in a JSON text: a value that was read has lost its line.

/// The line, from 1, of the value at a path of keys; of the file where it is not found.
pub(super) fn line_of(text: &str, path: &[&str]) -> usize {
    let mut keys: Vec<Option<String>> = Vec::new();
    let mut last: Option<String> = None;
    let mut chars = text.char_indices().peekable();
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    // The elements of lists have no key, and the outermost value has none.
    let on_path = |keys: &[Option<String>], key: &str| {
        keys.iter().flatten().map(String::as_str).chain([key]).eq(path.iter().copied())
    };
    let mut key_of_next: Option<String> = None;
    while let Some((at, c)) = chars.next() {
        match c {
            '{' | '[' => {
                keys.push(key_of_next.take());
                last = None;
            }
            '}' | ']' => {
                keys.pop();
                key_of_next = None;
            }
            '"' => {
                let mut word = String::new();
                while let Some((_, c)) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => word.extend(chars.next().map(|(_, c)| c)),
                        c => word.push(c),
                    }
                }
                last = Some(word);
            }
            ':' => {
                key_of_next = last.take();
                if key_of_next.as_deref().is_some_and(|key| on_path(&keys, key)) {
                    // The value begins here or on a line below.
                    let rest = &text[at + 1..];
                    return line(at + 1 + rest.len() - rest.trim_start().len());
                }
            }
            ',' => key_of_next = None,
            _ => {}
        }
    }
    1
}

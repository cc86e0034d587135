//! What somebody may have meant who typed a name that is none.

use super::Catalog;

/// Whether somebody who typed `typed` may have meant `name`.
pub fn is_slip(name: &str, typed: &str) -> bool {
    strsim::osa_distance(name, typed) <= 1 + usize::from(typed.len() > 4)
}

/// The known name nearest to a word, if one is near: one that looks alike, else one that is a slip away.
pub fn nearest(catalog: &Catalog, name: &str) -> Option<String> {
    let name = name.to_lowercase();
    let known: Vec<String> = catalog
        .subjects()
        .flat_map(|subject| [subject.stem.to_owned(), subject.id(), subject.tool.tool.clone()])
        .collect();
    let alike = known
        .iter()
        .map(|known| (strsim::jaro_winkler(&known.to_lowercase(), &name), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    // Of words of three letters with two of them swapped nothing looks alike.
    let slip = || known.iter().find(|known| name.len() > 2 && is_slip(&known.to_lowercase(), &name));
    alike.map(|(_, known)| known).or_else(slip).cloned()
}

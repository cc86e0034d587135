//! Where views go: standard output, and the files that `--output` names.

use std::{
    borrow::Cow,
    ffi::OsStr,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{Ended, Failure, READY, failure::reason, screen};
use crate::{
    host::author,
    model::Report,
    render::{self, Format, Look, markdown},
};

/// Writes to standard output at once. That nobody reads on (`doctor | head -1`) is no failure.
pub(super) fn stdout(bytes: &[u8], colour: bool) -> Ended {
    let bytes = if colour { Cow::Borrowed(bytes) } else { Cow::Owned(plain(bytes)) };
    let mut out = io::stdout().lock();
    match out.write_all(&bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new("output", format!("standard output cannot be written: {}", reason(&error))))
        }
        _ => Ok(READY),
    }
}

/// Without colours.
fn plain(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    console::strip_ansi_codes(&text).into_owned().into_bytes()
}

/// A report to be written somewhere in some format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    format: Option<Format>,
    /// Nothing for standard output.
    file: Option<PathBuf>,
}

impl Target {
    /// Reads `FILE`, `FORMAT=FILE`, `-` or `FORMAT=-`.
    pub(super) fn parse(text: &OsStr) -> Result<Self, Failure> {
        let words = text.to_string_lossy();
        if let Some((name, file)) = words.split_once('=')
            && let Some(format) = named(name)
        {
            if file.is_empty() {
                return Err(Failure::new("usage", format!("`--output {words}` names no file")));
            }
            return Ok(Self { format: Some(format), file: (file != "-").then(|| PathBuf::from(file)) });
        }
        if words == "-" {
            return Ok(Self { format: None, file: None });
        }
        let path = PathBuf::from(text);
        let ending = path.extension().and_then(OsStr::to_str).unwrap_or("").to_ascii_lowercase();
        let format = Format::ALL.iter().copied().find(|format| format.extensions().contains(&ending.as_str()));
        match format {
            Some(format) => Ok(Self { format: Some(format), file: Some(path) }),
            None => Err(Failure::new("usage", format!("the name `{words}` does not say in which format to write"))
                .hint(format!("write the format in front: `--output json={words}`"))),
        }
    }

    /// Refuses a place that cannot be written, before anything is examined.
    fn check(&self) -> Result<(), Failure> {
        let Some(file) = &self.file else { return Ok(()) };
        author::may_write(file).map_err(|error| failed(file, &error))
    }

    fn write(&self, report: &Report) -> Result<(), Failure> {
        let (Some(file), Some(format)) = (&self.file, self.format) else { return Ok(()) };
        let look = Look { width: 100, ..Look::default() };
        let mut bytes = Vec::new();
        render::write(report, format, look, &mut bytes)
            .and_then(|()| author::write(file, &bytes))
            .map_err(|error| failed(file, &error))
    }
}

/// That a file cannot be written.
pub(super) fn failed(file: &Path, error: &io::Error) -> Failure {
    Failure::new("output", format!("{} cannot be written: {}", file.display(), reason(error)))
}

/// The format of this name.
pub(super) fn named(name: &str) -> Option<Format> {
    Format::ALL.iter().copied().find(|format| format.name() == name)
}

/// The format that suits where this runs.
const AUTO: &str = "auto";

/// clap's parser of the name of a report's format.
pub(super) fn format_parser() -> impl clap::builder::TypedValueParser<Value = Format> {
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    let names = [AUTO].into_iter().chain(Format::ALL.iter().map(|format| format.name()));
    PossibleValuesParser::new(names).map(|name| named(&name).unwrap_or_else(screen::format))
}

/// clap's parser of the format of what is no report.
pub(super) fn plain_format_parser() -> impl clap::builder::TypedValueParser<Value = Format> {
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    let names = [Format::Human, Format::Json].map(Format::name);
    PossibleValuesParser::new(names).map(|name| named(&name).unwrap_or(Format::Human))
}

/// All places a run's report goes to.
#[derive(Debug)]
pub(super) struct Outputs {
    stdout: Format,
    files: Vec<Target>,
}

impl Outputs {
    /// From `--format` and every `--output`.
    pub(super) fn new(format: Option<Format>, outputs: &[std::ffi::OsString]) -> Result<Self, Failure> {
        let targets = outputs.iter().map(|text| Target::parse(text)).collect::<Result<Vec<_>, _>>()?;
        let (files, screen): (Vec<_>, Vec<_>) = targets.into_iter().partition(|target| target.file.is_some());
        let mut asked: Vec<Format> = screen.iter().filter_map(|target| target.format).chain(format).collect();
        asked.dedup();
        if asked.len() > 1 {
            return Err(Failure::new("usage", "standard output can take one format only")
                .hint("write the other one to a file: `--output FILE`"));
        }
        for target in &files {
            target.check()?;
        }
        Ok(Self { stdout: asked.first().copied().unwrap_or(Format::Human), files })
    }

    /// The format of standard output.
    pub(super) fn on_stdout(&self) -> Format {
        self.stdout
    }

    /// Writes the report everywhere. A place that cannot be written does not keep it from the others.
    pub(super) fn write(&self, report: &Report, look: Look) -> Result<(), Failure> {
        let mut bytes = Vec::new();
        let shown = render::write(report, self.stdout, look, &mut bytes)
            .map_err(|error| Failure::new("output", reason(&error)))
            .and_then(|()| stdout(&bytes, true).map(drop));
        let mut written: Vec<Result<(), Failure>> = self.files.iter().map(|target| target.write(report)).collect();
        written.push(self.summary(report));
        written.into_iter().fold(shown, |all, one| all.and(one.map_err(Failure::after_report)))
    }

    /// Adds the report to the job's summary where annotations are written and GitHub Actions has one.
    fn summary(&self, report: &Report) -> Result<(), Failure> {
        let formats = self.files.iter().filter_map(|target| target.format).chain([self.stdout]);
        let wanted = formats.into_iter().any(|format| format == Format::Github);
        let Some(file) = screen::job_summary().filter(|_| wanted) else { return Ok(()) };
        let mut bytes = Vec::new();
        markdown::report(report, &mut bytes)
            .and_then(|()| author::append(&file, &bytes))
            .map_err(|error| failed(&file, &error))
    }
}

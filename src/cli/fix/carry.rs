//! Carrying one step out: what edits a file of the person's is tried on a copy and written at once, everything else is
//! run in the person's own shell.

use std::path::{Path, PathBuf};

use super::look::Looked;
use crate::{
    host::{
        change::{self, Log, Shell, Trial},
        expand, text,
    },
    model::{Os, Platform},
    remedy::{
        Planned,
        edit::{self, COPY, Edit},
    },
};

/// How carrying a step out ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Carried {
    Done,
    /// The person pressed Ctrl-C.
    Stopped,
    /// Something failed: what.
    Failed(String),
}

/// What is needed to change this machine.
pub(super) struct Tools {
    platform: Platform,
    shell: Shell,
    home: Option<String>,
    git_config: PathBuf,
    stamp: String,
    /// Whether something was done that counts in new terminals only.
    fresh: bool,
}

/// A part of a step, in order.
enum Part<'a> {
    /// Commands to run one after the other in one shell.
    Run(Vec<&'a str>),
    /// Edits of one file.
    Edit(PathBuf, Vec<(String, String)>),
}

impl Tools {
    /// For the machine that was looked at.
    pub(super) fn new(looked: &Looked) -> Self {
        Self {
            platform: looked.platform.clone(),
            shell: looked.shell.clone(),
            home: looked.home.clone(),
            git_config: looked.git_config.clone(),
            stamp: looked.stamp.clone(),
            fresh: false,
        }
    }

    pub(super) fn platform(&self) -> &Platform {
        &self.platform
    }

    pub(super) fn shell(&self) -> &Shell {
        &self.shell
    }

    pub(super) fn fresh(&self) -> bool {
        self.fresh
    }

    /// A path as the person knows it.
    pub(super) fn shown(&self, path: &Path) -> String {
        let path = text(path);
        let home = self.home.as_deref().unwrap_or_default();
        match path.strip_prefix(home).filter(|rest| !home.is_empty() && rest.starts_with(['/', '\\'])) {
            Some(rest) => format!("~{rest}"),
            None => path,
        }
    }

    /// What would become of the files that a step edits.
    pub(super) fn trials(&self, planned: &Planned, answers: &[String]) -> Vec<Result<Trial, String>> {
        let parts = self.parts(planned, answers);
        let edits = parts.into_iter().filter_map(|part| match part {
            Part::Edit(file, commands) => Some((file, commands)),
            Part::Run(_) => None,
        });
        edits.map(|(file, commands)| self.try_on_copy(&file, &commands)).collect()
    }

    fn try_on_copy(&self, file: &Path, commands: &[(String, String)]) -> Result<Trial, String> {
        let failed = |error: std::io::Error| format!("{} was not changed: {error}", self.shown(file));
        change::try_on_copy(&self.shell, file, commands, COPY).map_err(failed)
    }

    /// Carries a step out, part by part; the first failure ends it.
    pub(super) fn carry_out(&mut self, planned: &Planned, answers: &[String], log: &mut Log) -> Carried {
        self.fresh |= planned.step.new_shell;
        for part in self.parts(planned, answers) {
            let ended = match part {
                Part::Run(commands) => self.run(&commands, log),
                Part::Edit(file, commands) => self.edit(&file, &commands, log),
            };
            if ended != Carried::Done {
                return ended;
            }
        }
        match planned.step.verify.as_str() {
            "" => Carried::Done,
            verify => self.run(&[verify], log),
        }
    }

    fn run(&self, commands: &[&str], log: &mut Log) -> Carried {
        for command in commands {
            log.line(&format!("$ {command}"));
        }
        // SIGINT ends a shell with 130.
        match self.shell.run(commands, self.fresh) {
            Ok(Some(0)) => Carried::Done,
            Ok(Some(130) | None) => {
                log.line("stopped");
                Carried::Stopped
            }
            Ok(Some(code)) => {
                log.line(&format!("it ended with code {code}"));
                Carried::Failed(format!("It ended with code {code}."))
            }
            Err(error) => {
                log.line(&format!("{} could not be started: {error}", self.shell.program()));
                Carried::Failed(format!("{} could not be started: {error}", self.shell.program()))
            }
        }
    }

    fn edit(&self, file: &Path, commands: &[(String, String)], log: &mut Log) -> Carried {
        let shown = self.shown(file);
        let trial = match self.try_on_copy(file, commands) {
            Ok(trial) => trial,
            Err(why) => {
                log.line(&why);
                return Carried::Failed(why);
            }
        };
        if trial.old == trial.new {
            log.line(&format!("{shown} has it already"));
            return Carried::Done;
        }
        match change::write(&trial, &self.stamp) {
            Ok(backup) => {
                let backup = backup.map(|path| format!("; the old one is {}", self.shown(&path))).unwrap_or_default();
                log.line(&format!("wrote {shown}{backup}"));
                Carried::Done
            }
            Err(error) => {
                log.line(&format!("{shown} could not be written: {error}"));
                Carried::Failed(format!("{shown} could not be written: {error}"))
            }
        }
    }

    /// A step's commands in order, those together that run in one shell or edit one file.
    fn parts<'p>(&self, planned: &'p Planned, answers: &[String]) -> Vec<Part<'p>> {
        let mut answers = answers.iter();
        let mut parts: Vec<Part<'p>> = Vec::new();
        for (command, effect) in planned.step.run.iter().zip(&planned.effects) {
            // A shell that replaces this one would wait for nobody.
            if effect.here && (command.starts_with("exec ") || command.starts_with("newgrp ")) {
                continue;
            }
            match edit::of(command).filter(|_| self.platform.os != Os::Windows) {
                Some(edit) => {
                    let lines: String = answers.by_ref().take(edit.reads).map(|value| format!("{value}\n")).collect();
                    let one = (edit.on_copy.clone(), lines);
                    let file = self.file(&edit);
                    match parts.last_mut() {
                        Some(Part::Edit(same, commands)) if *same == file => commands.push(one),
                        _ => parts.push(Part::Edit(file, vec![one])),
                    }
                }
                None => match parts.last_mut() {
                    Some(Part::Run(commands)) => commands.push(command),
                    _ => parts.push(Part::Run(vec![command])),
                },
            }
        }
        parts
    }

    fn file(&self, edit: &Edit) -> PathBuf {
        if edit.written == "~/.gitconfig" && edit.on_copy.starts_with("git config")
            || edit.on_copy.contains("&& git config")
        {
            return self.git_config.clone();
        }
        PathBuf::from(expand(&edit.file, self.home.as_deref()))
    }
}

//! A plugin's source, and how it becomes a component.

use std::path::{Path, PathBuf};

use super::ProjectError;

/// The language of a plugin's source, which decides how it is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `Cargo.toml`, built by cargo.
    Rust,
    /// `pyproject.toml`, built by componentize-py.
    Python,
    /// `package.json`, built by jco.
    JavaScript,
}

/// A plugin as its author has it: a folder with its source, or just a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The folder.
    pub dir: PathBuf,
    /// What it is written in; none for a component without its source, which is never built.
    pub language: Option<Language>,
}

/// A component that is up to date with its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The component, where `manifest::load` finds its manifest and its skills as well.
    pub component: PathBuf,
}

impl Project {
    /// Finds the plugin at `path`: a folder with its source or with a component, or a component.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(path: &Path) -> Result<Self, ProjectError> {
        Err(ProjectError::NoPlugin(path.to_owned()))
    }

    /// Brings the component up to date with its source. `tell` gets what the build says, line by line.
    ///
    /// # Errors
    /// When a toolchain is missing or the build fails.
    pub async fn build(&self, tell: &(dyn Fn(&str) + Sync)) -> Result<Built, ProjectError> {
        tell("");
        Err(ProjectError::NoPlugin(self.dir.clone()))
    }
}

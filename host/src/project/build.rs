//! A plugin's source, and how it becomes a component.

use std::path::{Path, PathBuf};

use super::{ProjectError, find, javascript, python, rust};

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

impl Language {
    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
        }
    }
}

/// A plugin as its author has it: a folder with its source, or just a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The folder.
    pub dir: PathBuf,
    /// What it is written in; none for a component without its source, which is never built.
    pub language: Option<Language>,
    /// The component that was found without its source. None where there is source, since only a build knows the place.
    pub component: Option<PathBuf>,
}

/// A component that is up to date with its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The component, where `manifest::load` finds its manifest and its skills as well.
    pub component: PathBuf,
    /// The folder of its source, which is that of one member where a workspace was built; or else where the component lies.
    pub folder: PathBuf,
}

impl Project {
    /// Finds the plugin at `path`: a folder with its source or with a component, or a component. Folders above are not
    /// searched: what is built must be what was named.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(path: &Path) -> Result<Self, ProjectError> {
        find::find(path)
    }

    /// Brings the component up to date with its source. `tell` gets what the build says, line by line.
    ///
    /// Whoever drops the future ends the build and every program it started, and leaves the component that was there.
    ///
    /// # Errors
    /// When a toolchain is missing or the build fails.
    pub async fn build(&self, tell: &(dyn Fn(&str) + Sync)) -> Result<Built, ProjectError> {
        match (&self.component, self.language) {
            (Some(component), _) => Ok(Built {
                component: component.clone(),
                folder: self.dir.clone(),
            }),
            (None, Some(Language::Rust)) => rust::build(&self.dir, tell).await,
            (None, Some(Language::Python)) => python::build(&self.dir, tell).await,
            (None, Some(Language::JavaScript)) => javascript::build(&self.dir, tell).await,
            (None, None) => Err(ProjectError::NoPlugin(self.dir.clone())),
        }
    }
}

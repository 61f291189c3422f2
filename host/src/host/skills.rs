//! Reading the files of skills. They are the host's to give out, so no guest is asked, and none can be in the way.

use super::Host;
use crate::catalogue::Catalogue;
use crate::contract::{Body, Contents, ReadResult, SkillFile};

impl Host {
    /// The file of a skill with this URI, when there is one.
    pub(super) async fn read_skill(&self, uri: &str) -> Option<ReadResult> {
        if !uri.starts_with("skill:") {
            return None;
        }
        let catalogue: std::sync::Arc<Catalogue> = self
            .catalogue_with(|catalogue| catalogue.skill_file(uri).is_some())
            .await;
        catalogue.skill_file(uri).map(|file| contents(uri, file))
    }
}

fn contents(uri: &str, file: &SkillFile) -> ReadResult {
    let body = match file.text() {
        Some(text) => Body::Text(text.to_owned()),
        None => Body::Blob(file.bytes.to_vec()),
    };
    ReadResult {
        contents: vec![Contents {
            uri: uri.to_owned(),
            mime_type: Some(file.mime_type().to_owned()),
            body,
            meta: None,
        }],
        cache: None,
        meta: None,
    }
}

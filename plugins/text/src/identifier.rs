//! New identifiers.

use uuid::Uuid;

/// Identifiers in one answer.
pub const COUNT_MAX: u8 = 100;

/// Random UUIDs, version 4. At most [`COUNT_MAX`].
pub fn random(count: u8) -> Vec<String> {
    make(count, Uuid::new_v4)
}

/// UUIDs that begin with the time, version 7, in the order in which they sort. At most [`COUNT_MAX`].
pub fn by_time(count: u8) -> Vec<String> {
    make(count, Uuid::now_v7)
}

fn make(count: u8, one: impl FnMut() -> Uuid) -> Vec<String> {
    std::iter::repeat_with(one)
        .take(count.min(COUNT_MAX).into())
        .map(|uuid| uuid.to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(uuids: &[String], version: usize) {
        for text in uuids {
            assert_eq!(
                Uuid::parse_str(text).unwrap().get_version_num(),
                version,
                "{text}"
            );
        }
        let mut unique = uuids.to_vec();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), uuids.len());
    }

    #[test]
    fn identifiers_are_of_their_version_and_never_the_same() {
        check(&random(100), 4);
        check(&by_time(100), 7);
    }

    #[test]
    fn identifiers_by_time_sort_as_they_were_made() {
        assert!(by_time(100).is_sorted());
    }

    #[test]
    fn no_more_than_a_hundred_are_made() {
        assert_eq!(
            [random(0).len(), random(1).len(), random(255).len()],
            [0, 1, 100]
        );
    }
}

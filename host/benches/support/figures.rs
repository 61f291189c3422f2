//! From many measurements to the few that are told.

/// The smallest sample that at least `share` of all samples do not exceed; half of them for the median.
pub fn quantile<T: Copy + PartialOrd>(samples: &[T], share: f64) -> T {
    let mut sorted = samples.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).expect("measurements are numbers"));
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

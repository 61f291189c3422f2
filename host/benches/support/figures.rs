//! From many measurements to the few that are told.

/// The smallest sample that at least `share` of all samples do not exceed; half of them for the median.
pub fn quantile<T: Copy + PartialOrd>(samples: &[T], share: f64) -> T {
    let mut sorted = samples.to_vec();
    sorted.sort_by(|a, b| a.partial_cmp(b).expect("measurements are numbers"));
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// The median of the ratios of neighbouring turns, and their range.
#[allow(dead_code, reason = "not every benchmark compares two servers")]
pub fn ratio(ours: &[f64], theirs: &[f64]) -> String {
    let ratios: Vec<f64> = ours
        .iter()
        .zip(theirs)
        .map(|(ours, theirs)| ours / theirs)
        .collect();
    format!(
        "{:.2} ({:.2} to {:.2})",
        quantile(&ratios, 0.5),
        quantile(&ratios, 0.0),
        quantile(&ratios, 1.0)
    )
}

//! One plugin under conditions.

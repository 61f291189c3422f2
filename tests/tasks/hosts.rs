//! Tasks and the hosts that come and go.

use super::*;

//! The plugins that come with the host, as the build script made them.

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

# The commands of this repository. `just` alone lists them.

_default:
    @just --list

# Everything the tests prove: rules, calls, conversations.
test:
    cargo test --workspace

# What a change must pass before it is pushed, in the order of cost.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

# Real clients against the real binary, in both protocol eras, over stdio and HTTP.
clients:
    tests/clients/run

# The official conformance suite against the release binary, every scenario of both revisions and of the extensions.
conformance *options:
    tests/conformance/run {{options}}

# Every fuzz target for some seconds, from its corpus. Needs a nightly compiler and cargo-fuzz.
fuzz seconds="60":
    fuzz/run {{seconds}}

# The benchmarks, with a native MCP server beside the sandbox in the same run.
bench:
    cargo bench -p portcullis

# A hundred thousand mixed calls over both transports: no answer is lost, and memory stays flat.
soak:
    cargo bench -p portcullis --bench soak

# The shipped plugins and the test guests as components, under target/guests.
plugins:
    plugins/build-guests --lib -p calculator -p fetch -p files -p notes -p text -p time
    plugins/build-guests --examples -p portcullis-test-guests -p portcullis-plugin

# The plugin `words` in Rust, Python and JavaScript, under target/polyglot. Needs Python 3 and Node 20.
plugins-polyglot:
    plugins/polyglot/build

# Builds them, and holds them against each other through the real program.
polyglot:
    plugins/polyglot/test

# Whether the shipped plugins are fit to ship: built, validated and tested as the GitHub Action does it.
validate:
    cargo build --release --locked -p portcullis
    PORTCULLIS=target/release/portcullis PORTCULLIS_DENY_WARNINGS=true PORTCULLIS_REPORTS=target/reports \
        ci/check plugins/calculator plugins/fetch plugins/files plugins/notes plugins/text plugins/time

# Reports of the release binary, held against the published schemas of SARIF and JUnit. Needs Python 3 and npm.
reports:
    tests/reports/run

# Licences, advisories and sources of every dependency.
deny:
    cargo deny check

# Everything continuous integration does.
ci:
    .ci/run

//! A disk that says under a running gateway that it could not keep what was written.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use hyper::StatusCode;
use serde_json::json;

use crate::crash::world::{Addresses, Gateway, World};
use crate::disk::{list, readiness, sign_in};
use crate::interop::stage::{Tool, have};
use crate::run::Server;

const STRACE: Tool = ("strace", "-V");

/// From here on every sync of a gateway fails, until it is dropped.
struct FailingSyncs(Child);

impl FailingSyncs {
    fn of(server: &Server) -> Self {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync"]);
        strace.args(["-e", "inject=fsync,fdatasync:error=EIO"]);
        strace.args(["-p", &server.pid().to_string()]);
        let mut child = strace.stderr(Stdio::piped()).spawn().unwrap();
        let mut told = String::new();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        stderr.read_line(&mut told).unwrap();
        assert!(told.contains("attached"), "{told}");
        Self(child)
    }
}

impl Drop for FailingSyncs {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// A sign-in gets 503, and load balancers are told to go elsewhere.
fn pauses(world: &World, at: &Addresses, company: usize) {
    let (status, problem) = sign_in(world, at, company);
    let told = (status.as_u16(), &problem["code"]);
    assert_eq!(told, (503, &json!("service.unavailable")), "{problem:#}");
    assert_eq!(readiness(world, at).0, StatusCode::SERVICE_UNAVAILABLE);
}

#[test]
fn after_a_failed_sync_nothing_is_acknowledged_before_the_next_start() {
    let Some(()) = have(&[STRACE]) else { return };
    let world = World::make(2);
    let import = ["crl", "import", &list(&world)];
    let Gateway { server, addresses } = world.serve();
    assert_eq!(sign_in(&world, &addresses, 0).0, StatusCode::OK);
    assert_eq!(readiness(&world, &addresses).0, StatusCode::OK);

    // Somebody new: a person's key is the first thing to be kept.
    let failing = FailingSyncs::of(&server);
    pauses(&world, &addresses, 1);
    drop(failing);
    // The system may have let go of what it could not write: that the next sync works
    // says nothing of it.
    pauses(&world, &addresses, 1);
    pauses(&world, &addresses, 0);
    world.ask(&import).ended(0);
    assert_eq!(server.end("TERM"), Some(0));

    // Somebody known: the record is all there is to keep.
    let Gateway { server, addresses } = world.serve();
    assert_eq!(sign_in(&world, &addresses, 0).0, StatusCode::OK);
    let failing = FailingSyncs::of(&server);
    pauses(&world, &addresses, 0);
    drop(failing);
    pauses(&world, &addresses, 0);
    pauses(&world, &addresses, 1);
    let refused = world.ask(&import);
    assert!(refused.code != 0 && refused.stderr.contains("journal"), "{refused:#?}");
    server.end("TERM");

    let Gateway { server, addresses } = world.serve();
    for company in 0..2 {
        assert_eq!(sign_in(&world, &addresses, company).0, StatusCode::OK);
    }
    assert_eq!(server.end("TERM"), Some(0));
    world.ask(&["audit", "verify", "--replay"]).ended(0);
}

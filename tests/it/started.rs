//! Evidence that qms makes itself: by running tests, and by starting a process and looking at it.

use std::io::{Read, Write};

use serde_json::Value;

use crate::evidence::coded;
use crate::trace::{RS, verdict};
use crate::world::{Ran, World};

/// A test runner that writes the report of a run of the test, ended so.
fn runner(world: &World, ending: &str, code: u8) {
    let script = format!(
        "cat > ../junit.xml <<'END'\n<testsuite name=\"pytest\" tests=\"1\"><testcase classname=\"tests.test_add\" name=\"test_add\">{ending}</testcase></testsuite>\nEND\n\
         printf 'SF:src/add.py\\nDA:3,1\\nDA:4,1\\nDA:5,1\\nend_of_record\\n' > ../run.lcov\nexit {code}\n"
    );
    world.write("../runner.sh", &script);
}

const RUN: [&str; 8] = [
    "run",
    "--junit",
    "../junit.xml",
    "--lcov",
    "../run.lcov",
    "--",
    "sh",
    "../runner.sh",
];

fn of(world: &World, id: &str) -> (String, String) {
    let said = world.qms("ann", &["trace", "--format", "json"]);
    let all: Value = serde_json::from_str(&said.out).expect("JSON");
    (verdict(&all[0], id), all[0].to_string())
}

// Verifies: REQ-QMS-CMD-RUN
#[test]
fn a_run_keeps_what_it_wrote_itself() {
    let world = coded();
    runner(&world, "", 0);
    let said = world.qms("ann", &RUN).ok();
    assert!(said.contains("kept 1 results of CLI"), "{said}");
    assert_eq!(of(&world, "REQ-CLI-001").0, "verified in the run");
    // What lay there before is no result of this run.
    let said = world.qms("ann", &["run", "--junit", "../junit.xml", "--", "true"]);
    assert!(
        said.code == 2 && said.err.contains("was not written by this run"),
        "{}",
        said.err
    );
    let said = world.qms("ann", &["run", "--junit", "../none.xml", "--", "true"]);
    assert!(
        said.code == 2 && said.err.contains("none.xml"),
        "{}",
        said.err
    );
    for (args, why) in [
        (&["run", "--", "true"][..], "--junit FILE"),
        (&["run", "--junit", "x"], "nothing to run"),
        (
            &["run", "--junit", "x", "--", "no-such-program"],
            "cannot start",
        ),
    ] {
        let said = world.qms("ann", args);
        assert!(said.code == 2 && said.err.contains(why), "{}", said.err);
    }
    // A run that fails is kept as one that failed.
    runner(&world, "<failure message=\"no\"/>", 1);
    let said = world.qms("ann", &RUN);
    assert!(
        said.code == 1 && said.err.contains("ended with 1"),
        "{}",
        said.err
    );
    assert_eq!(of(&world, "REQ-CLI-001").0, "failed");
    // One that broke though all tests passed says nothing of those that it did not come to.
    crate::trace::put(&world, "src/more.py", "pass\n");
    runner(&world, "", 3);
    assert_eq!(world.qms("ann", &RUN).code, 1);
    let (verdict, whole) = of(&world, "REQ-CLI-001");
    assert!(
        verdict == "not run" && whole.contains("ended with 3, and no test in it failed"),
        "{whole}"
    );
    // Nothing runs where nothing could be kept, and what changed the system as it ran shows nothing.
    world.write("src/add.py", "# edited\n");
    world.write("../runner.sh", "touch ../ran\n");
    assert_eq!(world.qms("ann", &RUN).code, 2);
    assert!(!world.path("../ran").exists());
    world.git("ann", &["checkout", "-q", "src/add.py"]).ok();
    runner(&world, "", 0);
    let script = world.read("../runner.sh");
    world.write(
        "../runner.sh",
        &format!("echo '# edited' >> src/add.py\n{script}"),
    );
    let said = world.qms("ann", &RUN);
    assert!(
        said.code == 2 && said.err.contains("src/add.py"),
        "{}",
        said.err
    );
}

/// The founding failure: its tests only read arguments, and its server crashed on its first start.
fn server(world: &World, body: &str) {
    world.edit(RS, "It Runs.", "It Runs. (kind: startup)");
    world
        .git("ann", &["commit", "-q", "--no-verify", "-am", "Startup"])
        .ok();
    crate::trace::put(
        world,
        "src/server.py",
        &format!("# [REQ-CLI-003]\ndef main():\n    pass\n{body}"),
    );
}

fn start(world: &World, args: &[&str]) -> Ran {
    let start = [
        "run",
        "--start",
        "python3 -u src/server.py",
        "--verifies",
        "REQ-CLI-003",
    ];
    world.qms("ann", &[&start, args].concat())
}

const LISTENS: &str = "
import http.server, sys
server = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
open('../port', 'w').write(str(server.server_port))
print('ready', server.server_port)
server.serve_forever()
";

const ASKS: [&str; 4] = [
    "--",
    "python3",
    "-c",
    "import urllib.request; urllib.request.urlopen('http://127.0.0.1:' + open('../port').read()).read()",
];

#[test]
fn i_08d_a_server_is_verified_by_starting_it() {
    let world = coded();
    server(&world, LISTENS);
    assert_eq!(of(&world, "REQ-CLI-003").0, "not run");
    let said = start(&world, &[&["--ready", "^ready [0-9]+"][..], &ASKS].concat());
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let (verdict, whole) = of(&world, "REQ-CLI-003");
    assert_eq!(verdict, "verified", "{whole}");
    // What ran at another state ran at another state.
    crate::trace::put(&world, "src/other.py", "pass\n");
    assert_eq!(of(&world, "REQ-CLI-003").0, "suspect");
}

#[test]
fn i_08d_a_server_that_does_not_start_is_seen() {
    for (body, args, why) in [
        (
            "raise SystemExit('no')\n",
            &["--ready", "^ready"][..],
            "it ended by itself",
        ),
        (
            "print('not yet')\nimport time\ntime.sleep(60)\n",
            &["--ready", "^ready", "--within", "1"],
            "within 1 s",
        ),
        (
            "print('ready')\nimport time\ntime.sleep(60)\n",
            &["--ready", "^ready"],
            "did not answer",
        ),
        (
            "print('ready')\nimport time\ntime.sleep(60)\n",
            &["--ready", "^ready", "--within", "2", "--", "sleep", "600"],
            "within 2 s",
        ),
        (
            "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nopen('../port', 'w').write('1')\nprint('ready')\ntime.sleep(60)\n",
            &["--ready", "^ready", "--", "true"],
            "did not stop",
        ),
    ] {
        let world = coded();
        server(&world, body);
        world.write("../port", "1");
        let args = match args.contains(&"--") {
            true => args.to_vec(),
            false => [args, &ASKS].concat(),
        };
        let said = start(&world, &args);
        assert!(
            said.code == 1 && said.err.contains(why),
            "{why}: {}{}",
            said.out,
            said.err
        );
        let (verdict, whole) = of(&world, "REQ-CLI-003");
        assert_eq!(verdict, "failed", "{whole}");
        assert!(whole.contains(why), "{whole}");
    }
}

#[test]
fn what_would_show_nothing_is_not_started() {
    let world = coded();
    server(&world, "open('../started', 'w')\n");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("a port").port().to_string();
    for (args, why) in [
        (&[][..], "nothing would say when it is ready"),
        (&["--ready", "x"], "nothing would ask it"),
        (&["--ready", "("], "no regular expression"),
        (&["--port", &port], "listens at port"),
        (
            &["--port", "1", "--verifies", "REQ-CLI-009"],
            "is no requirement of CLI",
        ),
    ] {
        let said = start(&world, args);
        assert!(
            said.code == 2 && said.err.contains(why),
            "{why}: {}",
            said.err
        );
    }
    assert!(!world.path("../started").exists());
}

/// A repository in which a line of shell may be started for the third requirement.
fn startable() -> World {
    let world = coded();
    server(&world, "");
    world
}

#[test]
fn what_goes_on_listening_did_not_stop() {
    let world = startable();
    // It leaves the group that is stopped before it listens, and ends by itself when somebody connects and says so.
    world.write(
        "../daemon.py",
        "import os, signal, socket, sys, time\n\
         if os.fork():\n    time.sleep(60)\n\
         os.setsid()\nsignal.alarm(60)\n\
         listens = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n\
         while True:\n    if listens.accept()[0].recv(4) == b'end\\n':\n        break\n",
    );
    // A port that was free may be somebody else's by the time that it is asked for; then another one is tried.
    let stays = (0..20).any(|_| {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("a port").port().to_string();
        drop(free);
        let line = format!("python3 ../daemon.py {port}");
        let run = ["run", "--start", &line, "--port", &port];
        let run = [&run[..], &["--verifies", "REQ-CLI-003"]].concat();
        let said = world.qms("ann", &run);
        let flat = said.err.replace("\n  ", " ");
        let why = format!("something still listens at port {port} after it stopped");
        let stays = said.code == 1 && flat.contains(&why);
        let taken = ["already", "it ended by itself"];
        assert!(stays || taken.iter().any(|w| flat.contains(w)), "{flat}");
        if stays {
            let at = format!("127.0.0.1:{port}");
            let mut ends = std::net::TcpStream::connect(at).expect("it listens");
            ends.write_all(b"end\n").expect("it reads");
        }
        stays
    });
    assert!(stays, "twenty ports were taken");
    assert_eq!(of(&world, "REQ-CLI-003").0, "failed");
}

#[test]
fn a_line_without_end_is_not_kept_in_memory() {
    let world = startable();
    let line = "head -c 1500000000 /dev/zero; echo; echo ready; exec sleep 60";
    let run = [
        "run",
        "--start",
        line,
        "--ready",
        "^ready",
        "--verifies",
        "REQ-CLI-003",
        "--",
        "true",
    ];
    let mut bounded = world.command(std::process::Command::new("sh"), "ann");
    bounded.args(["-c", "ulimit -v 1000000; exec \"$@\" 2> /dev/null", "sh"]);
    bounded.arg(env!("CARGO_BIN_EXE_qms")).args(run);
    let said = crate::world::ran(&bounded.output().expect("sh starts"));
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
}

#[test]
fn what_was_started_ends_with_whoever_started_it() {
    let world = startable();
    for pipe in ["../alive", "../asked"] {
        let mut make = world.command(std::process::Command::new("mkfifo"), "ann");
        assert!(make.arg(pipe).status().expect("it starts").success());
    }
    let line = "exec 3> ../alive; echo ready; sleep 20; touch ../survived";
    let asks = "echo > ../asked; exec sleep 20";
    let run = [
        "run",
        "--start",
        line,
        "--ready",
        "ready",
        "--verifies",
        "REQ-CLI-003",
        "--",
        "sh",
        "-c",
        asks,
    ];
    let mut command = world.command(std::process::Command::new(env!("CARGO_BIN_EXE_qms")), "ann");
    let mut child = command.args(run).spawn().expect("the program starts");
    let open = |name: &str| std::fs::File::open(world.path(name)).expect("a pipe");
    let mut alive = open("../alive");
    open("../asked")
        .read_to_end(&mut Vec::new())
        .expect("a word");
    child.kill().expect("it runs");
    child.wait().expect("it ended");
    // Nobody holds it any more when everything has ended.
    alive.read_to_end(&mut Vec::new()).expect("an end");
    assert!(!world.path("../survived").exists());
}

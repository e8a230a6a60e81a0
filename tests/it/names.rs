//! Looks up AWS's host and a proxy's by all the ways there are without glibc's name services, in a network
//! of its own: /etc/hosts, search domains, IPv6 alone, TCP, a server that is slow or down. It also shows
//! where the C libraries differ. It sends nothing to a name server of this machine.

mod server;

use std::fs;
use std::io;
use std::net::{Ipv6Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use indoc::{formatdoc, indoc};

use self::server::{Entry, FOUR, SIX, Server};
use crate::scene::{READY, Scene};
use crate::support::run::Run;
use crate::support::tunnel::Tunnel;

/// The variable that tells a test that it runs inside its namespace.
const INSIDE: &str = "AWSMFA_TEST_NAMES_INSIDE";

/// Whether the C library is glibc, with its name services; awsmfa is built with the same one as this test.
const IS_GLIBC: bool = cfg!(target_env = "gnu");

/// One name server.
const ONE: &str = "nameserver 127.0.0.1\noptions timeout:1 attempts:2\n";

/// What is in /etc while a test runs.
#[derive(Default)]
struct Etc<'a> {
    hosts: &'a str,
    resolv: &'a str,
    nsswitch: &'a str,
}

/// Runs `test` with this /etc and a network of its own, by running this program again, only for the test
/// with this name.
fn within(name: &str, etc: &Etc<'_>, test: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        return test();
    }
    let folder = tempfile::tempdir().expect("there is room");
    let nsswitch = match etc.nsswitch {
        "" => "hosts: files dns\n",
        given => given,
    };
    let files = [
        ("hosts", etc.hosts),
        ("resolv.conf", etc.resolv),
        ("nsswitch.conf", nsswitch),
    ];
    let mut script = "set -e; ip link set lo up\n".to_owned();
    for (file, text) in files {
        let path = folder.path().join(file);
        fs::write(&path, text).expect("there is room");
        // A link, as resolv.conf often is, may lead to where nothing is.
        script += &format!(
            "mount --bind {} \"$(realpath /etc/{file})\"\n",
            path.display()
        );
    }
    script += "exec \"$@\"\n";
    let program = std::env::current_exe().expect("it runs");
    let tries: [&[&str]; 2] = [&["-mn"], &["-rmn"]];
    let may = |args: &&&[&str]| {
        let mut command = Command::new("unshare");
        command.args(**args).args(["ip", "link", "set", "lo", "up"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|it| it.success())
    };
    let args = tries.iter().find(may).expect(
        "this test needs ip (iproute2) and namespaces: `unshare -mn` as root, or `unshare -rmn`",
    );
    let mut command = Command::new("unshare");
    command.args(*args).args(["sh", "-c", &script, "sh"]);
    command
        .arg(program)
        .args(["--exact", "--ignored", "--nocapture"]);
    let output = command
        .arg(format!("names::{name}"))
        .env(INSIDE, "yes")
        .output()
        .expect("unshare runs");
    let text = crate::scene::output_text(&output);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

/// A login whose endpoint is at `host`.
fn login<'a>(scene: &'a Scene, host: &str) -> Run<'a> {
    let port = scene.aws.address().port();
    scene
        .login(&["-p", "dev"])
        .env("AWS_ENDPOINT_URL", format!("http://{host}:{port}"))
        .env("AWS_MAX_ATTEMPTS", "1")
}

/// Whether `asked` has a query that begins so.
fn was_asked(server: &Server, begin: &str) -> bool {
    server.asked().iter().any(|it| it.starts_with(begin))
}

const UNKNOWN: &str = indoc! {"
    error: can't reach {*}: unknown host (tried once, {*} s)
    hint: check the network and the endpoint's URL in the environment or the profile{*}
"};

#[test]
#[ignore = "needs namespaces, and ip (iproute2)"]
fn hosts_in_the_file_are_found_without_a_server_by_any_of_their_names() {
    let hosts = "# ours\n127.0.0.1\tlocalhost\n127.0.0.1 aws.corp.test  sts alias # note\n";
    let etc = Etc {
        hosts,
        resolv: ONE,
        ..Etc::default()
    };
    let name = "hosts_in_the_file_are_found_without_a_server_by_any_of_their_names";
    within(name, &etc, || {
        let server = Server::start(&[]);
        for host in ["aws.corp.test", "alias", "sts"] {
            let scene = Scene::default();
            login(&scene, host).stderr(READY).run();
        }
        assert_eq!(server.asked(), Vec::<String>::new());
    });
}

#[test]
#[ignore = "needs namespaces, and ip (iproute2)"]
fn a_name_is_completed_by_the_search_domain_that_knows_it() {
    let etc = Etc {
        resolv: &format!("search none.test corp.test\n{ONE}"),
        ..Etc::default()
    };
    let name = "a_name_is_completed_by_the_search_domain_that_knows_it";
    within(name, &etc, || {
        let server = Server::start(&[("sts.corp.test", Entry::At(&[FOUR]))]);
        let scene = Scene::default();
        login(&scene, "sts").stderr(READY).run();
        assert!(was_asked(&server, "sts.none.test A "));
        assert!(was_asked(&server, "sts.corp.test A "));
    });
}

#[test]
#[ignore = "needs namespaces, and ip (iproute2)"]
fn a_name_with_fewer_dots_than_ndots_is_completed_too() {
    let etc = Etc {
        resolv: &format!("search corp.test\n{ONE}options ndots:3\n"),
        ..Etc::default()
    };
    let name = "a_name_with_fewer_dots_than_ndots_is_completed_too";
    within(name, &etc, || {
        let server = Server::start(&[
            ("sts.eu.corp.test", Entry::At(&[FOUR])),
            ("a.b.c.test", Entry::At(&[FOUR])),
        ]);
        let scene = Scene::default();
        login(&scene, "sts.eu").stderr(READY).run();
        let scene = Scene::default();
        login(&scene, "a.b.c.test").stderr(READY).run();
        assert!(!was_asked(&server, "a.b.c.test.corp.test"));
    });
}

/// DNS and glibc take upper and lower case for the same; musl does not in /etc/hosts.
#[test]
#[ignore = "needs namespaces, and ip (iproute2)"]
fn the_case_of_letters_in_the_file_matters_to_musl_alone() {
    let etc = Etc {
        hosts: "127.0.0.1 AWS.corp.test\n",
        resolv: ONE,
        ..Etc::default()
    };
    let name = "the_case_of_letters_in_the_file_matters_to_musl_alone";
    within(name, &etc, || {
        Server::start(&[("dns.corp.test", Entry::At(&[FOUR]))]);
        for (host, is_found) in [
            ("AWS.corp.test", true),
            ("aws.corp.test", IS_GLIBC),
            ("DNS.Corp.test", true),
        ] {
            let scene = Scene::default();
            let run = login(&scene, host);
            match is_found {
                true => run.stderr(READY).run(),
                false => run.status(6).stderr(UNKNOWN).run(),
            };
        }
    });
}

/// glibc tries the search domains also after the name itself was not found; musl does not.
#[test]
#[ignore = "needs namespaces, and ip (iproute2)"]
fn a_name_with_a_dot_is_completed_by_glibc_alone() {
    let etc = Etc {
        resolv: &format!("search corp.test\n{ONE}"),
        ..Etc::default()
    };
    within(
        "a_name_with_a_dot_is_completed_by_glibc_alone",
        &etc,
        || {
            Server::start(&[("sts.eu.corp.test", Entry::At(&[FOUR]))]);
            let scene = Scene::default();
            let run = login(&scene, "sts.eu");
            match IS_GLIBC {
                true => run.stderr(READY).run(),
                false => run.status(6).stderr(UNKNOWN).run(),
            };
        },
    );
}

/// glibc goes on to the next search domain if the server can't say whether a name exists; musl gives up,
/// because the next one might be another host.
#[test]
#[ignore = "needs namespaces, and ip (iproute2)"]
fn a_search_domain_that_fails_stops_musl_alone() {
    let etc = Etc {
        resolv: &format!("search down.test corp.test\n{ONE}"),
        ..Etc::default()
    };
    within("a_search_domain_that_fails_stops_musl_alone", &etc, || {
        Server::start(&[
            ("sts.down.test", Entry::Fails),
            ("sts.corp.test", Entry::At(&[FOUR])),
        ]);
        let scene = Scene::default();
        let run = login(&scene, "sts");
        match IS_GLIBC {
            true => run.stderr(READY).run(),
            false => run.status(6).stderr(UNKNOWN).run(),
        };
    });
}

#[test]
#[ignore = "needs namespaces, and ip (iproute2)"]
fn a_host_with_nothing_but_ipv6_is_reached() {
    let etc = Etc {
        resolv: ONE,
        ..Etc::default()
    };
    within("a_host_with_nothing_but_ipv6_is_reached", &etc, || {
        Server::start(&[("six.corp.test", Entry::At(&[SIX]))]);
        let scene = Scene::default();
        let address = scene.aws.address();
        let listener = TcpListener::bind((Ipv6Addr::LOCALHOST, address.port()));
        let listener = listener.expect("the loopback is ours");
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(address).expect("the stand-in listens");
                let copies = [(&client, &server), (&server, &client)];
                for (from, to) in copies.map(|(from, to)| (from.try_clone(), to.try_clone())) {
                    let (mut from, mut to) = (from.expect("a socket"), to.expect("a socket"));
                    thread::spawn(move || io::copy(&mut from, &mut to));
                }
            }
        });
        login(&scene, "six.corp.test").stderr(READY).run();
    });
}

#[test]
#[ignore = "needs namespaces, and ip (iproute2)"]
fn an_answer_too_long_for_udp_is_fetched_by_tcp() {
    let etc = Etc {
        resolv: ONE,
        ..Etc::default()
    };
    within("an_answer_too_long_for_udp_is_fetched_by_tcp", &etc, || {
        let server = Server::start(&[("long.corp.test", Entry::Long)]);
        let scene = Scene::default();
        login(&scene, "long.corp.test").stderr(READY).run();
        assert!(was_asked(&server, "long.corp.test A TCP"));
    });
}

#[test]
#[ignore = "needs namespaces, and ip (iproute2)"]
fn an_alias_is_followed() {
    let etc = Etc {
        resolv: ONE,
        ..Etc::default()
    };
    within("an_alias_is_followed", &etc, || {
        Server::start(&[("sts.corp.test", Entry::Alias("vpce-1.corp.test"))]);
        let scene = Scene::default();
        login(&scene, "sts.corp.test").stderr(READY).run();
    });
}

#[test]
#[ignore = "needs namespaces, and ip (iproute2)"]
fn a_query_that_gets_lost_is_sent_again() {
    let etc = Etc {
        resolv: ONE,
        ..Etc::default()
    };
    within("a_query_that_gets_lost_is_sent_again", &etc, || {
        let server = Server::start(&[("slow.corp.test", Entry::SecondTime)]);
        let scene = Scene::default();
        login(&scene, "slow.corp.test").stderr(READY).run();
        let asked = server.asked();
        let count = asked.iter().filter(|it| *it == "slow.corp.test A UDP");
        assert!(count.count() >= 2, "{asked:?}");
    });
}

#[test]
#[ignore = "needs namespaces, and ip (iproute2)"]
fn if_the_first_server_is_down_the_second_one_answers() {
    let etc = Etc {
        resolv: &format!("nameserver 127.0.0.7\n{ONE}"),
        ..Etc::default()
    };
    let name = "if_the_first_server_is_down_the_second_one_answers";
    within(name, &etc, || {
        Server::start(&[("sts.corp.test", Entry::At(&[FOUR]))]);
        let scene = Scene::default();
        login(&scene, "sts.corp.test").stderr(READY).run();
    });
}

#[test]
#[ignore = "needs namespaces, and ip (iproute2)"]
fn a_server_that_never_answers_ends_a_login_within_seconds() {
    // The defaults: 5 seconds a query, two tries.
    let etc = Etc {
        resolv: "nameserver 127.0.0.1\n",
        ..Etc::default()
    };
    let name = "a_server_that_never_answers_ends_a_login_within_seconds";
    within(name, &etc, || {
        Server::start(&[("sts.corp.test", Entry::Silent)]);
        let scene = Scene::default();
        let begin = Instant::now();
        // glibc would go on for 10 seconds, so our own limit ends it; musl gives up at the same moment.
        let said = "error: can't reach {*} (tried once, {*} s)\nhint: {*}\n";
        login(&scene, "sts.corp.test").status(6).stderr(said).run();
        assert!(begin.elapsed() < Duration::from_secs(12), "{begin:?}");
    });
}

#[test]
#[ignore = "needs namespaces, and ip (iproute2)"]
fn a_proxys_name_is_looked_up_and_the_hosts_behind_it_are_not() {
    let etc = Etc {
        resolv: &format!("search corp.test\n{ONE}"),
        ..Etc::default()
    };
    let name = "a_proxys_name_is_looked_up_and_the_hosts_behind_it_are_not";
    within(name, &etc, || {
        let server = Server::start(&[("proxy.corp.test", Entry::At(&[FOUR]))]);
        let scene = Scene::with(crate::scene::alice().tls().start());
        let proxy = Tunnel::to(scene.aws.address());
        let url = proxy.url().replace("127.0.0.1", "proxy");
        // The certificate is for the stand-in's address, so the tunnel is all that is tried.
        let said = formatdoc! {"
            error: can't reach sts.corp.test:443 through the proxy proxy:{{*}}: its certificate is for another name (tried once, {{*}} s)
            hint: {{*}}
        "};
        let run = login(&scene, "-").env("AWS_ENDPOINT_URL", "https://sts.corp.test");
        run.env("HTTPS_PROXY", url).status(6).stderr(said).run();
        assert_eq!(proxy.asked(), ["sts.corp.test:443"]);
        assert!(was_asked(&server, "proxy.corp.test A"));
        assert!(!was_asked(&server, "sts.corp.test"));
    });
}

/// The name services that glibc loads are lost to a static build, and the hint says which the system has.
#[test]
#[ignore = "needs namespaces, and ip (iproute2)"]
fn an_unknown_host_names_the_services_that_a_static_build_cannot_ask() {
    let etc = Etc {
        resolv: ONE,
        nsswitch: "passwd: files\nhosts:\tfiles mdns4_minimal [NOTFOUND=return] dns nis # theirs\n",
        ..Etc::default()
    };
    let name = "an_unknown_host_names_the_services_that_a_static_build_cannot_ask";
    within(name, &etc, || {
        Server::start(&[]);
        let scene = Scene::default();
        let more = match IS_GLIBC {
            true => "",
            false => "; this build asks /etc/hosts and DNS only, not mdns4_minimal or nis",
        };
        let said = UNKNOWN.replace("profile{*}", &format!("profile{more}"));
        login(&scene, "printer.local").status(6).stderr(said).run();
    });
}

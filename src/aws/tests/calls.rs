//! Tests calls that succeed, and answers that only look like it.

use super::*;
use crate::aws::{Identity, MfaDevice};
use crate::exit::Exit;
use crate::value::Made;
use secrecy::ExposeSecret;

#[test]
fn a_session_is_issued_with_one_request() {
    let server = Server::start([issue()]);
    let issued = get_session_token(&aws_at(&server.url())).unwrap();
    assert_eq!(issued.keys.access_key_id, "ASIANEW");
    assert_eq!(issued.keys.secret_access_key.expose_secret(), "new-secret");
    assert_eq!(
        issued.keys.session_token.unwrap().expose_secret(),
        "new-token"
    );
    assert_eq!(
        issued.expiration.unwrap().to_rfc3339(),
        "2031-01-02T03:04:05+00:00"
    );
    assert_eq!(
        issued.made,
        Made {
            source: None,
            device: Some(serial()),
            account: Some("123456789012".into()),
            arn: None,
            by_awsmfa: true,
            granted: Some(Lifetime::seconds(3_600)),
            ..Made::default()
        }
    );
    assert_eq!(server.requests(), 1);
    let request = server.request(0);
    assert!(request.contains("Action=GetSessionToken"), "{request}");
    assert!(request.contains("TokenCode=987654"), "{request}");
    assert!(request.contains("DurationSeconds=3600"), "{request}");
    assert!(request.contains("/us-east-1/sts/aws4_request"), "{request}");
}

/// By AWS's own clock, whatever ours says: a root user's session is cut to an hour.
#[test]
fn a_session_that_ends_sooner_than_was_asked_for_was_granted_for_less() {
    for (date, granted) in [
        ("date: Thu, 02 Jan 2031 02:49:05 GMT\r\n", 900),
        ("date: Thu, 02 Jan 2031 02:04:07 GMT\r\n", 3_600),
        ("date: Thu, 02 Jan 2031 02:04:05 GMT\r\n", 3_600),
        ("date: Wed, 01 Jan 2031 02:04:05 GMT\r\n", 3_600),
        ("date: soon\r\n", 3_600),
        ("", 3_600),
    ] {
        let server = Server::start([Reply::Answer(200, date, session())]);
        let issued = get_session_token(&aws_at(&server.url())).unwrap();
        let expected = Some(Lifetime::seconds(granted));
        assert_eq!(issued.made.granted, expected, "{date}");
    }
}

#[test]
fn the_warm_up_and_the_code_travel_over_one_connection() {
    let server = Server::start([identity(), issue()]);
    let aws = aws_at(&server.url());
    let shared = aws.clone();
    let (who, issued) = block_on(async move {
        let who = shared.get_caller_identity().await;
        (who, ask_for_session(&aws).await)
    })
    .unwrap();
    assert_eq!(
        who.unwrap(),
        Identity {
            account: "123456789012".into(),
            arn: "arn:aws:iam::123456789012:user/jane".parse().unwrap(),
            user_id: "AIDAEXAMPLE".into(),
        }
    );
    assert!(issued.is_ok());
    assert_eq!(server.requests(), 2);
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_connection_that_was_closed_while_idle_is_replaced() {
    let closing = Reply::Answer(
        200,
        "connection: close\r\n",
        match identity() {
            Reply::Answer(_, _, body) => body,
            _ => unreachable!("an identity is an answer"),
        },
    );
    let server = Server::start([closing, issue()]);
    let aws = aws_at(&server.url());
    let issued = block_on(async {
        aws.get_caller_identity().await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        ask_for_session(&aws).await
    })
    .unwrap();
    assert!(issued.is_ok(), "{issued:?}");
    assert_eq!(server.requests(), 2);
}

#[test]
fn an_answer_cut_short_anywhere_is_lost_and_never_asked_for_again() {
    // AWS's order varies: a key that comes last must not be taken for whole when it is cut.
    let id = "<AccessKeyId>ASIANEW</AccessKeyId>";
    let last = session()
        .replace(id, "")
        .replace("</Credentials>", &format!("{id}</Credentials>"));
    for whole in [session(), last] {
        for cut in (0..whole.len()).step_by(3) {
            // No length is announced, so that the cut shows in nothing but the body.
            let answer = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}",
                &whole[..cut]
            );
            let server = Server::start([Reply::Raw(answer)]);
            match get_session_token(&aws_at(&server.url())) {
                Err(Fault::Lost(failure)) => assert_eq!(failure.exit, Exit::Unreachable),
                other => panic!("cut after {}: {other:?}", &whole[..cut]),
            }
            assert_eq!(server.requests(), 1, "cut at {cut}");
        }
    }
}

#[test]
fn an_answer_with_an_empty_field_is_lost() {
    for (from, to) in [
        ("ASIANEW", ""),
        ("new-secret", ""),
        ("new-token", " "),
        ("2031-01-02", "1970-01-01"),
        ("2031-01-02T03:04:05Z", "soon"),
    ] {
        let server = Server::start([Reply::Answer(200, "", session().replace(from, to))]);
        let error = get_session_token(&aws_at(&server.url())).unwrap_err();
        assert!(matches!(error, Fault::Lost(_)), "{from}: {error:?}");
        assert_eq!(server.requests(), 1);
    }
}

#[test]
fn a_key_that_would_not_stay_within_its_line_is_lost() {
    let id = "its access key id holds";
    let secret = "its secret access key holds";
    let token = "its session token holds";
    for (from, to, what) in [
        ("ASIANEW", "ASIA&#10;[default]", id),
        ("ASIANEW", "ASIANEW&#13;", id),
        ("ASIANEW", "ASIA NEW", id),
        ("ASIANEW", "ASIA=NEW", id),
        ("ASIANEW", "ASIAN\u{c9}W", id),
        ("ASIANEW", "ASIANEW\u{85}", id),
        ("new-secret", "new&#10;secret", secret),
        ("new-secret", "new secret", secret),
        ("new-secret", "new&#9;secret", secret),
        ("new-secret", "new\u{a0}secret", secret),
        ("new-token", "new&#10; aws_session_token = x", token),
        ("new-token", "new-token&#13;&#10;", token),
        ("new-token", "new\u{2028}token", token),
        ("new-token", "new\u{7f}token", token),
        // The SDK's reader of XML takes none of these.
        (
            "new-token",
            "new\u{1}token",
            "does not look like one from AWS",
        ),
        (
            "new-token",
            "new\u{0}token",
            "does not look like one from AWS",
        ),
    ] {
        let answer = session().replace(from, to);
        assert_ne!(answer, session());
        let server = Server::start([Reply::Answer(200, "", answer)]);
        let error = get_session_token(&aws_at(&server.url())).unwrap_err();
        let Fault::Lost(failure) = error else {
            panic!("{to:?}: {error:?}")
        };
        assert!(failure.message.contains(what), "{to:?}: {failure}");
        assert_eq!(server.requests(), 1);
    }
}

#[test]
fn a_key_of_unusual_length_or_signs_is_a_key() {
    let long = "/+=~!".repeat(4_000);
    for (from, to) in [
        ("ASIANEW", "A"),
        ("ASIANEW", "asia_1"),
        ("new-secret", "s"),
        ("new-token", &long),
    ] {
        let server = Server::start([Reply::Answer(200, "", session().replace(from, to))]);
        get_session_token(&aws_at(&server.url())).unwrap();
    }
}

#[test]
fn an_answer_of_a_mebibyte_is_read_and_a_longer_one_is_lost() {
    const MEBIBYTE: usize = 1024 * 1024;
    let padded = |length: usize| {
        let space = " ".repeat(length - session().len());
        session().replace("</Credentials>", &format!("{space}</Credentials>"))
    };
    let server = Server::start([Reply::Answer(200, "", padded(MEBIBYTE))]);
    get_session_token(&aws_at(&server.url())).unwrap();

    let announced = Reply::Answer(200, "", padded(MEBIBYTE + 1));
    let unannounced = Reply::Raw(format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}",
        padded(MEBIBYTE + 1)
    ));
    for answer in [announced, unannounced] {
        let server = Server::start([answer]);
        let error = get_session_token(&aws_at(&server.url())).unwrap_err();
        let Fault::Lost(failure) = error else {
            panic!("{error:?}")
        };
        assert!(failure.message.contains("longer than 1 MiB"), "{failure}");
        assert_eq!(server.requests(), 1);
    }
}

#[test]
fn an_identity_with_a_field_that_cannot_be_shown_is_an_error() {
    let Reply::Answer(_, _, body) = identity() else {
        unreachable!("an identity is an answer")
    };
    for (from, to) in [
        ("<Account>123456789012", "<Account>"),
        ("<Account>123456789012", "<Account>1234&#10;56789012"),
        ("user/jane", "user/ja&#27;[31mne"),
        ("user/jane", "user/ja&#10;ne"),
        ("AIDAEXAMPLE", "AIDA EXAMPLE"),
    ] {
        let answer = body.replace(from, to);
        assert_ne!(answer, body);
        let server = Server::start([Reply::Answer(200, "", answer)]);
        let error = block_on(aws_at(&server.url()).get_caller_identity())
            .unwrap()
            .unwrap_err();
        // A control character ends the SDK's reading already.
        let Fault::Lost(failure) = error else {
            panic!("{to:?}: {error:?}")
        };
        assert!(
            failure.message.contains("incomplete") || failure.message.contains("not one of"),
            "{failure}"
        );
    }
}

/// A page of MFA devices with these serials, which ends with `rest`.
fn devices(serials: &[&str], rest: &str) -> Reply {
    let members = serials.iter().map(|serial| {
        format!(
            "<member><UserName>jane</UserName><SerialNumber>{serial}</SerialNumber><EnableDate>2024-05-06T07:08:09Z</EnableDate></member>"
        )
    });
    let members = members.collect::<String>();
    Reply::Answer(
        200,
        "",
        format!(
            "<ListMFADevicesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ListMFADevicesResult><MFADevices>{members}</MFADevices>{rest}</ListMFADevicesResult></ListMFADevicesResponse>"
        ),
    )
}

const JANE: Owner<'_> = Owner::User("jane");
const LAST: &str = "<IsTruncated>false</IsTruncated>";

fn serials(devices: Vec<MfaDevice>) -> Vec<Serial> {
    devices.into_iter().map(|it| it.serial).collect()
}

#[test]
fn the_devices_of_all_pages_are_listed() {
    let server = Server::start([
        devices(
            &[SERIAL],
            "<IsTruncated>true</IsTruncated><Marker>next</Marker>",
        ),
        devices(&["GAHT12345678"], LAST),
    ]);
    let devices = block_on(aws_at(&server.url()).list_mfa_devices(JANE))
        .unwrap()
        .unwrap();
    let serials: Vec<_> = devices.iter().map(|it| it.serial.as_str()).collect();
    assert_eq!(serials, [SERIAL, "GAHT12345678"]);
    assert!(server.request(1).contains("Marker=next"));
    for request in 0..2 {
        assert!(server.request(request).contains("UserName=jane"));
    }
}

#[test]
fn the_root_is_not_named() {
    let server = Server::start([devices(&[SERIAL], LAST)]);
    let devices = block_on(aws_at(&server.url()).list_mfa_devices(Owner::Root)).unwrap();
    assert_eq!(serials(devices.unwrap()), [serial()]);
    assert!(!server.request(0).contains("UserName="));
}

#[test]
fn a_device_whose_serial_takes_no_code_is_left_out() {
    let server = Server::start([devices(&["short", SERIAL], LAST)]);
    let devices = block_on(aws_at(&server.url()).list_mfa_devices(JANE)).unwrap();
    assert_eq!(serials(devices.unwrap()), [serial()]);
}

#[test]
fn a_list_of_devices_that_is_not_whole_or_goes_in_a_circle_is_lost() {
    let truncated = "<IsTruncated>true</IsTruncated>";
    let circle = format!("{truncated}<Marker>next</Marker>");
    for (pages, requests) in [
        (devices(&[SERIAL, ""], LAST), 1),
        (devices(&[SERIAL], truncated), 1),
        (devices(&[SERIAL], &circle), 2),
    ] {
        let server = Server::start([pages]);
        let error = block_on(aws_at(&server.url()).list_mfa_devices(JANE))
            .unwrap()
            .unwrap_err();
        assert!(matches!(error, Fault::Lost(_)), "{error:?}");
        assert_eq!(server.requests(), requests);
    }
}

#[test]
fn a_list_that_leads_back_by_a_detour_is_lost_and_a_device_is_listed_once() {
    let page = |marker: &str| {
        devices(
            &[SERIAL],
            &format!("<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>"),
        )
    };
    let server = Server::start([page("a"), page("b"), page("a"), page("b")]);
    let error = block_on(aws_at(&server.url()).list_mfa_devices(JANE)).unwrap();
    assert!(matches!(error.unwrap_err(), Fault::Lost(_)));
    assert_eq!(server.requests(), 3);
    let server = Server::start([page("a"), devices(&[SERIAL, SERIAL], LAST)]);
    let listed = block_on(aws_at(&server.url()).list_mfa_devices(JANE)).unwrap();
    assert_eq!(serials(listed.unwrap()), [serial()]);
}

#[test]
fn the_legacy_setting_counts_only_where_no_endpoint_is_set() {
    let legacy = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_STS_REGIONAL_ENDPOINTS", "legacy"),
    ];
    assert!(settings(&legacy).sts_global);
    let server = Server::start([issue()]);
    let url = server.url();
    let aws = Aws::new(
        &settings(&[
            ("AWS_ENDPOINT_URL", &url),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_STS_REGIONAL_ENDPOINTS", "legacy"),
        ]),
        &keys(),
    )
    .unwrap();
    assert!(get_session_token(&aws).is_ok());
    let request = server.request(0);
    // `aws-global` would be no region to sign for at an endpoint of one's own.
    assert!(request.contains("/eu-west-1/sts/"), "{request}");
}

#[test]
fn a_session_token_of_the_keys_is_sent() {
    let server = Server::start([identity()]);
    let mut keys = keys();
    keys.session_token = Some(SecretString::from("a-token"));
    let url = server.url();
    let aws = Aws::new(&settings(&[("AWS_ENDPOINT_URL", &url)]), &keys).unwrap();
    block_on(aws.get_caller_identity()).unwrap().unwrap();
    assert!(server.request(0).contains("x-amz-security-token: a-token"));
}

//! Tests the stand-in's devices: the window of a code, its single use, the nine attempts, and devices
//! without codes.

use chrono::TimeDelta;

use super::{login, login_alice, not_verified, wrong_code};
use crate::scene::{DEVICE_SECRET, alice_without_device};
use crate::support::aws::{Aws, Builder, USER};

#[tokio::test]
async fn codes_up_to_two_steps_away_are_accepted() {
    let aws = Aws::start();
    aws.freeze_clock();
    for steps in -2..=2 {
        let code = aws.code_at(USER, steps);
        assert!(login_alice(&aws, &code).await.is_ok(), "{steps} steps off");
    }
}

#[tokio::test]
async fn codes_three_steps_away_are_refused() {
    let aws = Aws::start();
    aws.freeze_clock();
    for steps in [-3, 3] {
        let code = aws.code_at(USER, steps);
        assert_eq!(login_alice(&aws, &code).await.unwrap_err(), wrong_code());
    }
}

#[tokio::test]
async fn a_code_works_once_and_an_older_unused_one_still_works_after_it() {
    let aws = Aws::start();
    aws.freeze_clock();
    let (older, code) = (aws.code_at(USER, -1), aws.code_at(USER, 0));
    assert!(login_alice(&aws, &code).await.is_ok());
    assert_eq!(login_alice(&aws, &code).await.unwrap_err(), wrong_code());
    assert!(login_alice(&aws, &older).await.is_ok());
}

#[tokio::test]
async fn the_owner_sees_an_unused_code() {
    let aws = Aws::start();
    aws.freeze_clock();
    for _ in 0..5 {
        assert!(login_alice(&aws, &aws.code(USER)).await.is_ok());
    }
}

#[tokio::test]
async fn after_nine_tries_a_right_code_is_not_validated_until_the_next_window() {
    let aws = Aws::start();
    aws.freeze_clock();
    aws.to_next_window();
    let wrong = aws.code_at(USER, 40);
    for _ in 0..9 {
        assert_eq!(login_alice(&aws, &wrong).await.unwrap_err(), wrong_code());
    }
    let right = aws.code(USER);
    assert_eq!(login_alice(&aws, &right).await.unwrap_err(), not_verified());
    aws.shift_clock(TimeDelta::seconds(179));
    let right = aws.code(USER);
    assert_eq!(login_alice(&aws, &right).await.unwrap_err(), not_verified());
    aws.shift_clock(TimeDelta::seconds(1));
    assert!(login_alice(&aws, &right).await.is_ok());
}

#[tokio::test]
async fn the_limit_on_tries_is_per_device_and_not_per_user() {
    let aws = alice().device("second", DEVICE_SECRET).start();
    aws.freeze_clock();
    let wrong = aws.code_at(USER, 40);
    for _ in 0..10 {
        let _ = login_alice(&aws, &wrong).await;
    }
    let second = login(&aws, &aws.serial("second"), &aws.code("second")).await;
    assert!(second.is_ok());
}

#[tokio::test]
async fn another_users_or_an_unknown_serial_can_not_be_validated() {
    let aws = alice().user("bob").device("bob", DEVICE_SECRET).start();
    for serial in [aws.serial("bob"), aws.serial(USER) + "2"] {
        let answer = login(&aws, &serial, &aws.code("bob")).await;
        assert_eq!(answer.unwrap_err(), not_verified());
    }
}

#[tokio::test]
async fn a_device_enabled_seconds_ago_can_not_be_validated_yet() {
    let aws = alice()
        .device("new", DEVICE_SECRET)
        .ready_in(TimeDelta::seconds(10))
        .start();
    aws.freeze_clock();
    let (serial, code) = (aws.serial("new"), aws.code("new"));
    assert_eq!(
        login(&aws, &serial, &code).await.unwrap_err(),
        not_verified()
    );
    aws.shift_clock(TimeDelta::seconds(11));
    assert!(login(&aws, &serial, &code).await.is_ok());
}

#[tokio::test]
async fn a_passkey_can_not_be_validated_and_a_hardware_serial_can() {
    let aws = alice()
        .fido("key-7")
        .hardware("GAHT12345678", DEVICE_SECRET)
        .start();
    let fido = "arn:aws:iam::123456789012:u2f/user/alice/key-7";
    let answer = login(&aws, fido, "123456").await;
    assert_eq!(answer.unwrap_err(), not_verified());
    let answer = login(&aws, "GAHT12345678", &aws.code("GAHT12345678")).await;
    assert!(answer.is_ok());
}

fn alice() -> Builder {
    alice_without_device().device(USER, "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU")
}

//! OCSP responses beside lists, and what policies say of both.

use tongxing_testdata::{Company, Profile};
use tongxing_trust_store::Recognition;

use crate::world::{NOW, World, decisive};

/// Recognises a certificate under these keys of `[revocation]`, with a response that says
/// that it is good, made a minute ago.
async fn recognise(revocation: &str, next_update: Option<i64>) -> Recognition {
    let world = World::with(&[Profile::B]).await;
    world.allow_ocsp(revocation).await;
    let issued = world.issue(Profile::B, &Company::numbered(0));
    world.recognise_on(&issued, world.response_about(&issued, next_update))
}

fn is_recognised(recognition: &Recognition) -> bool {
    matches!(recognition, Recognition::Recognised(_))
}

#[tokio::test]
async fn a_response_that_never_is_due_is_as_stale_beside_a_list_as_alone() {
    let all = "order = [\"crl\", \"ocsp\"]\nmode = \"all\"";
    for keys in ["order = [\"ocsp\"]", all] {
        let recognition = recognise(keys, Some(NOW + 60)).await;
        assert!(is_recognised(&recognition), "{keys}: {:?}", decisive(&recognition));
        let recognition = recognise(keys, None).await;
        let why = decisive(&recognition);
        assert!(matches!(recognition, Recognition::Indeterminate(_)), "{keys}: {why:?}");
        assert!(why[0].starts_with("revocation.stale"), "{keys}: {why:?}");
        // A policy may say how old it may be.
        let recognition = recognise(&format!("{keys}\nmax-age = \"1d\""), None).await;
        assert!(is_recognised(&recognition), "{keys}: {:?}", decisive(&recognition));
    }
}

#[tokio::test]
async fn where_a_nonce_is_required_what_came_along_clears_nobody() {
    let keys = "order = [\"ocsp\"]\nocsp-nonce = ";
    assert!(is_recognised(&recognise(&format!("{keys}\"asked\""), Some(NOW + 60)).await));
    let recognition = recognise(&format!("{keys}\"required\""), Some(NOW + 60)).await;
    let why = decisive(&recognition);
    assert!(matches!(recognition, Recognition::Indeterminate(_)), "{why:?}");
    assert!(why[0].starts_with("revocation.ocsp_nonce_required"), "{why:?}");
}

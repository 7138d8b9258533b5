//! What another gateway of the province says, before and after it is known.

use std::str::from_utf8;

use tongxing_gateway::{Invitation, reread_standby_messages};

/// A message between the two, or an invitation to become the second: written down again it
/// says the same.
pub fn standby_message(bytes: &[u8]) {
    let written = reread_standby_messages(bytes);
    for (kind, message) in written.iter().enumerate() {
        let Some(message) = message else { continue };
        assert_eq!(reread_standby_messages(message)[kind].as_ref(), Some(message));
    }
    let Ok(text) = from_utf8(bytes) else { return };
    match text.parse::<Invitation>() {
        Ok(invitation) => {
            let again = invitation.to_string().parse::<Invitation>();
            assert_eq!(again, Ok(invitation.clone()));
            let told = format!("{invitation:?}");
            let secret = invitation.to_string();
            let secret = secret.split([':', '@']).nth(1).expect("a secret");
            assert!(secret.len() < 8 || !told.contains(secret), "a log could have it");
        }
        Err(told) => assert!(!told.is_empty()),
    }
}

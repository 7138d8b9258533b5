//! What authorities put where their policies look for it.

use tongxing_testdata::{Company, Person, Value};

use super::{Outcome, seed};

/// Policies are in the order of their names; each place of each is tried with each value.
const POLICIES: u8 = 10;

pub(crate) fn all() -> Outcome {
    let (company, person) = (Company::numbered(0), Person::numbered(0));
    let (uscc, id) = (&company.uscc, &person.personal_id);
    let der = |value: &Value| value.to_der().map_err(|error| error.to_string());
    let values = [
        ("id-raw", id.clone().into_bytes()),
        ("id-printable", der(&Value::printable(id))?),
        ("id-explicit", der(&Value::Explicit(0, Box::new(Value::printable(id))))?),
        ("id-set", der(&Value::Set(vec![Value::Explicit(0, Box::new(Value::printable(id)))]))?),
        ("id-prefixed", der(&Value::utf8(format!("2@6021SF0{id}0001")))?),
        ("uscc", der(&Value::utf8(uscc))?),
        ("uscc-prefixed", format!("1@5009JJ0{uscc}").into_bytes()),
        ("name", format!("051@{}@0{id}@1", person.name).into_bytes()),
        ("company", format!("RA@{}@Z{uscc}@1", company.name).into_bytes()),
        ("broken", b"\x0c\x05\xff".to_vec()),
    ];
    for (place, (name, value)) in values.iter().enumerate() {
        for policy in 0..POLICIES {
            // One place each: mutations find the others.
            let place = u8::try_from(place)?.wrapping_add(policy);
            seed(
                "identity",
                &format!("{policy}-{name}"),
                &[&[policy, place], &value[..]].concat(),
            )?;
        }
    }
    Ok(())
}

//! Addresses against iPAddress constraints (RFC 5280 4.2.1.10).

use super::Relation;

/// How an address relates to a constraint: 4 octets against 4 octets of
/// network and 4 of mask, or 16 against 16 and 16. An address of the other
/// family is outside; octets of another count are no address.
pub(super) fn relation(address: &[u8], constraint: &[u8]) -> Relation {
    if !matches!(address.len(), 4 | 16) || !is_valid_constraint(constraint) {
        return Relation::Unclear;
    }
    let (network, mask) = constraint.split_at(constraint.len() / 2);
    if network.len() != address.len() {
        return Relation::Outside;
    }
    let inside = address
        .iter()
        .zip(network)
        .zip(mask)
        .all(|((octet, net), mask)| octet & mask == net & mask);
    if inside { Relation::Inside } else { Relation::Outside }
}

/// Whether a constraint is a network in the CIDR style of RFC 4632: the set
/// bits of the mask come first.
pub(super) fn is_valid_constraint(constraint: &[u8]) -> bool {
    let mask = match constraint.len() {
        8 => &constraint[4..],
        32 => &constraint[16..],
        _ => return false,
    };
    let mut ended = false;
    mask.iter().all(|octet| {
        let allowed = if ended { *octet == 0 } else { octet.leading_ones() == octet.count_ones() };
        ended |= *octet != 0xFF;
        allowed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses() {
        let network = [192, 0, 2, 0, 255, 255, 255, 0];
        assert_eq!(relation(&[192, 0, 2, 9], &network), Relation::Inside);
        assert_eq!(relation(&[192, 0, 3, 9], &network), Relation::Outside);
        assert_eq!(relation(&[0; 16], &network), Relation::Outside);
        assert_eq!(relation(&[192, 0, 2], &network), Relation::Unclear);
        assert_eq!(relation(&network, &network), Relation::Unclear);
    }

    #[test]
    fn masks_are_contiguous() {
        assert!(is_valid_constraint(&[10, 0, 0, 0, 255, 128, 0, 0]));
        assert!(is_valid_constraint(&[0; 8]));
        assert!(!is_valid_constraint(&[10, 0, 0, 0, 255, 0, 255, 0]));
        assert!(!is_valid_constraint(&[10, 0, 0, 0, 254, 128, 0, 0]));
        assert!(!is_valid_constraint(&[127, 0, 0, 1]));
    }
}

//! What a caller demands of a certificate beyond its authority's policy.

use std::collections::BTreeSet;

use tongxing_pki::{
    AnyPolicy, ExplicitPolicy, Oid, PathOptions, PolicyMapping, PolicyOptions, ReferenceName,
};

/// Demands: they make a judgement stricter, never laxer.
#[derive(Debug, Clone, Default)]
pub struct Demands {
    /// Names that the end certificate must have, every one.
    pub names: Vec<ReferenceName>,
    /// The inputs of certificate policy processing (RFC 5280 6.1.1 (c)-(g)).
    pub policies: PolicyOptions,
}

impl Demands {
    /// Whether nothing is demanded.
    pub(crate) fn are_none(&self) -> bool {
        self.names.is_empty() && self.policies == PolicyOptions::default()
    }

    /// Adds them to what the authority's policy asks.
    pub(crate) fn add_to(&self, options: &mut PathOptions) {
        options.names.clone_from(&self.names);
        let (own, asked) = (&mut options.policies, &self.policies);
        own.acceptable = narrowed(&own.acceptable, &asked.acceptable);
        if asked.explicit == ExplicitPolicy::Required {
            own.explicit = ExplicitPolicy::Required;
        }
        if asked.mapping == PolicyMapping::Inhibited {
            own.mapping = PolicyMapping::Inhibited;
        }
        if asked.any_policy == AnyPolicy::Inhibited {
            own.any_policy = AnyPolicy::Inhibited;
        }
    }
}

/// The policies that both accept; anyPolicy accepts every one.
fn narrowed(one: &BTreeSet<Oid>, other: &BTreeSet<Oid>) -> BTreeSet<Oid> {
    match (one.contains(&Oid::ANY_POLICY), other.contains(&Oid::ANY_POLICY)) {
        (true, _) => other.clone(),
        (false, true) => one.clone(),
        (false, false) => one.intersection(other).cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use tongxing_pki::Timestamp;

    use super::*;

    fn set(oids: &[&str]) -> BTreeSet<Oid> {
        oids.iter().map(|oid| oid.parse().unwrap()).collect()
    }

    #[test]
    fn demands_only_narrow() {
        let any = BTreeSet::from([Oid::ANY_POLICY]);
        assert_eq!(narrowed(&any, &any), any);
        assert_eq!(narrowed(&set(&["1.2.3"]), &any), set(&["1.2.3"]));
        assert_eq!(narrowed(&any, &set(&["1.2.3"])), set(&["1.2.3"]));
        assert_eq!(narrowed(&set(&["1.2.3", "1.2.4"]), &set(&["1.2.4", "1.2.5"])), set(&["1.2.4"]));
        assert!(narrowed(&set(&["1.2.3"]), &set(&["1.2.4"])).is_empty());

        let mut options = PathOptions::new(Timestamp::from_unix(0));
        options.policies.explicit = ExplicitPolicy::Required;
        options.policies.mapping = PolicyMapping::Inhibited;
        let before = options.policies.clone();
        Demands::default().add_to(&mut options);
        assert_eq!(options.policies, before);
    }
}

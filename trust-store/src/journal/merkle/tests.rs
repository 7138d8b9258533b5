use super::*;

/// That of the vectors; the other one takes the same way.
const PROFILE: RecordProfile = RecordProfile::Standard;
use crate::hex;

/// The inputs and roots that the Certificate Transparency implementations
/// have in their tests.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn leaves(count: u8) -> Vec<TreeHash> {
    (0..count).map(|number| leaf_hash(PROFILE, &[number])).collect()
}

#[test]
fn the_published_roots() {
    let mut tree = MerkleTree::default();
    assert_eq!(hex::encode(&tree.root()), ROOTS[0]);
    for (leaf, root) in LEAVES.iter().zip(&ROOTS[1..]) {
        let pairs = (0..leaf.len()).step_by(2);
        let bytes: Vec<u8> =
            pairs.map(|at| u8::from_str_radix(&leaf[at..at + 2], 16).unwrap()).collect();
        tree.push(leaf_hash(PROFILE, &bytes));
        assert_eq!(hex::encode(&tree.root()), *root, "{} leaves", tree.size());
    }
}

#[test]
fn every_inclusion_is_proved_and_nothing_else() {
    for size in 1..=33_u8 {
        let leaves = leaves(size);
        let root = root_of(PROFILE, &leaves);
        for index in 0..size {
            let at = usize::from(index);
            let proof = prove_inclusion(PROFILE, at, &leaves).unwrap();
            let (size, index) = (u64::from(size), u64::from(index));
            assert!(verify_inclusion(PROFILE, &root, size, index, leaves[at], &proof));
            assert!(!verify_inclusion(
                PROFILE,
                &root,
                size,
                index,
                leaf_hash(PROFILE, b"other"),
                &proof
            ));
            assert!(!verify_inclusion(PROFILE, &root, size, size, leaves[at], &proof));
            for wrong in altered(&proof) {
                assert!(!verify_inclusion(PROFILE, &root, size, index, leaves[at], &wrong));
            }
        }
        assert_eq!(prove_inclusion(PROFILE, usize::from(size), &leaves), None);
    }
}

#[test]
fn every_beginning_is_proved_and_nothing_else() {
    for size in 1..=33_u8 {
        let leaves = leaves(size);
        let new = (u64::from(size), &root_of(PROFILE, &leaves));
        for old in 1..=size {
            let at = usize::from(old);
            let proof = prove_consistency(PROFILE, at, &leaves).unwrap();
            let old = (u64::from(old), &root_of(PROFILE, &leaves[..at]));
            assert!(verify_consistency(PROFILE, old, new, &proof), "{} to {size}", old.0);
            assert!(!verify_consistency(PROFILE, (old.0, &[7; 32]), new, &proof));
            assert!(!verify_consistency(PROFILE, old, (new.0, &[7; 32]), &proof));
            for wrong in altered(&proof) {
                assert!(!verify_consistency(PROFILE, old, new, &wrong));
            }
        }
        assert_eq!(prove_consistency(PROFILE, 0, &leaves), None);
    }
}

#[test]
fn every_range_is_proved_and_nothing_else() {
    for size in 1..=19_u8 {
        let leaves = leaves(size);
        let root = root_of(PROFILE, &leaves);
        let size = leaves.len();
        for (first, end) in
            (0..size).flat_map(|first| (first + 1..=size).map(move |end| (first, end)))
        {
            let proof = prove_range(PROFILE, first..end, &leaves).unwrap();
            let range = &leaves[first..end];
            let check = |at: usize, range: &[TreeHash], proof: &[TreeHash]| {
                verify_range(PROFILE, &root, size as u64, at as u64, range, proof)
            };
            assert!(check(first, range, &proof), "{first}..{end} of {size}");
            assert!(!check(first + 1, range, &proof));
            let mut other = range.to_vec();
            other[0][5] ^= 1;
            assert!(!check(first, &other, &proof));
            assert!(!check(first, &range[1..], &proof));
            assert!(altered(&proof).iter().all(|wrong| !check(first, range, wrong)));
        }
        assert_eq!(prove_range(PROFILE, 0..size + 1, &leaves), None);
        assert_eq!(prove_range(PROFILE, 1..1, &leaves), None);
    }
    assert!(!verify_range(PROFILE, &[0; 32], u64::MAX, u64::MAX, &[[0; 32]], &[]));
    assert!(!verify_range(PROFILE, &[0; 32], u64::MAX, 7, &[[0; 32]], &[[0; 32]]));
    assert!(!verify_range(PROFILE, &[0; 32], 1, 0, &[], &[[0; 32]]));
}

#[test]
fn a_tree_comes_back_from_its_peaks() {
    let mut tree = MerkleTree::default();
    for leaf in leaves(21) {
        tree.push(leaf);
        let text = serde_json::to_string(&tree).unwrap();
        assert_eq!(serde_json::from_str::<MerkleTree>(&text).unwrap(), tree);
        assert_eq!(
            MerkleTree::from_peaks(PROFILE, tree.size() + 1, tree.peaks().to_vec()).is_some(),
            (tree.size() + 1).count_ones() == tree.size().count_ones()
        );
    }
    assert!(serde_json::from_str::<MerkleTree>(r#"{"size":1,"peaks":[]}"#).is_err());
}

/// The proof with one hash changed, one left out, one added.
fn altered(proof: &[TreeHash]) -> Vec<Vec<TreeHash>> {
    let mut wrong = vec![[proof, &[[3; 32]]].concat()];
    for at in 0..proof.len() {
        let mut changed = proof.to_vec();
        changed[at][0] ^= 1;
        let mut shorter = proof.to_vec();
        shorter.remove(at);
        wrong.extend([changed, shorter]);
    }
    wrong
}

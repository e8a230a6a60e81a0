//! Lists AWS's partitions, with the signing region of each one's global services and the prefix of its
//! regions. It does not check which regions a partition has.

/// A partition and its home region, according to the endpoint rules of IAM's service model (aws-sdk-iam,
/// `config/endpoint.rs`: `signingRegion` of each partition's own endpoint).
const PARTITIONS: [(&str, &str); 8] = [
    ("aws", "us-east-1"),
    ("aws-cn", "cn-north-1"),
    ("aws-us-gov", "us-gov-west-1"),
    ("aws-eusc", "eusc-de-east-1"),
    ("aws-iso", "us-iso-east-1"),
    ("aws-iso-b", "us-isob-east-1"),
    ("aws-iso-e", "eu-isoe-west-1"),
    ("aws-iso-f", "us-isof-south-1"),
];

/// The prefix of the regions of each partition other than `aws`: `regionRegex` in the SDKs' list of
/// partitions.
const REGIONS: [(&str, &str); 7] = [
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("eusc-", "aws-eusc"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
];

/// The partition of a region.
pub(crate) fn partition_of(region: &str) -> &'static str {
    let other = REGIONS.iter().find(|(begin, _)| region.starts_with(begin));
    other.map_or("aws", |(_, partition)| *partition)
}

/// The home region of the global services of `partition`; `None` for an unknown partition.
pub(super) fn home_region(partition: &str) -> Option<&'static str> {
    let known = PARTITIONS.iter().find(|(name, _)| *name == partition);
    known.map(|(_, region)| *region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_of_a_partition_is_one_of_its_regions() {
        for (partition, home) in PARTITIONS {
            assert_eq!(partition_of(home), partition);
        }
        assert_eq!(partition_of("eu-west-1"), "aws");
        assert_eq!(partition_of("us-gov-east-1"), "aws-us-gov");
    }
}

//! Names AWS's partitions, each with the region that its global services sign for and what its regions
//! begin with. It does not check which regions a partition has.

/// A partition and its home region, as the endpoint rules of IAM's service model have them
/// (aws-sdk-iam, `config/endpoint.rs`: `signingRegion` of each partition's own endpoint).
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

/// What the regions of a partition begin with, where it is not AWS's own: `regionRegex` in the SDKs' list
/// of partitions.
const REGIONS: [(&str, &str); 7] = [
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("eusc-", "aws-eusc"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
];

/// The partition that a region is of.
pub(crate) fn partition_of(region: &str) -> &'static str {
    let other = REGIONS.iter().find(|(begin, _)| region.starts_with(begin));
    other.map_or("aws", |(_, partition)| *partition)
}

/// The region that the global services of `partition` live in; none for an unknown partition.
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

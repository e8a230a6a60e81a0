//! Names AWS's partitions, each with the region that its global services sign for. It does not
//! check which regions a partition has.

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

/// The region that the global services of `partition` live in; none for an unknown partition.
pub(super) fn home_region(partition: &str) -> Option<&'static str> {
    let known = PARTITIONS.iter().find(|(name, _)| *name == partition);
    known.map(|(_, region)| *region)
}

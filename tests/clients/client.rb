# Asks AWS who the caller is, as a program with the AWS SDK for Ruby would: with the profile in its argument,
# or with the default chain. It passes on `AWS_ENDPOINT_URL`, which the SDK in Debian 12 does not read yet.

require "aws-sdk-core"

Aws.config[:sts] = { endpoint: ENV.fetch("AWS_ENDPOINT_URL") }
identity = Aws::STS::Client.new(profile: ARGV[0]).get_caller_identity
puts "#{identity.account} #{identity.arn}"

// Asks AWS who the caller is, as a program with the AWS SDK for Go would: with the profile in its argument,
// or with the default chain. It passes on `AWS_ENDPOINT_URL`, which the SDK in Debian 12 does not read yet.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	resolve := func(_, region string, _ ...interface{}) (aws.Endpoint, error) {
		return aws.Endpoint{URL: os.Getenv("AWS_ENDPOINT_URL"), SigningRegion: region}, nil
	}
	settings := []func(*config.LoadOptions) error{
		config.WithEndpointResolverWithOptions(aws.EndpointResolverWithOptionsFunc(resolve)),
	}
	if len(os.Args) > 1 {
		settings = append(settings, config.WithSharedConfigProfile(os.Args[1]))
	}
	loaded, err := config.LoadDefaultConfig(context.TODO(), settings...)
	check(err)
	identity, err := sts.NewFromConfig(loaded).GetCallerIdentity(context.TODO(), nil)
	check(err)
	fmt.Println(*identity.Account, *identity.Arn)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Package awsenv configures clients of AWS from environment variables: those that Lambda
// sets, and those that the SDK documents for endpoints. It reads no profiles and no
// configuration files. Loading the SDK's shared configuration would link several megabytes
// more, for files and services that the execution environment does not have.
//
//   - AWS_REGION, else AWS_DEFAULT_REGION
//   - AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN
//   - AWS_ENDPOINT_URL_<SERVICE>, such as AWS_ENDPOINT_URL_DYNAMODB, else AWS_ENDPOINT_URL:
//     the server that gets the requests. AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true ignores
//     them.
//   - AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT: true or false
//   - AWS_ENABLE_ENDPOINT_DISCOVERY: true, false or auto
//   - AWS_ACCOUNT_ID and AWS_ACCOUNT_ID_ENDPOINT_MODE (preferred, required or disabled):
//     endpoints of DynamoDB that contain the account
//
// If a variable has another value, requests fail with an error that names it.
package awsenv

import (
	"cmp"
	"context"
	"errors"
	"os"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Config returns the configuration of clients in this process.
func Config() aws.Config {
	env := environment{}
	cfg := aws.Config{
		Region:                cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION")),
		Credentials:           aws.CredentialsProviderFunc(credentials),
		ConfigSources:         []any{env},
		AccountIDEndpointMode: cmp.Or(aws.AccountIDEndpointMode(os.Getenv("AWS_ACCOUNT_ID_ENDPOINT_MODE")), aws.AccountIDEndpointModePreferred),
	}
	if ignore, _, _ := env.GetIgnoreConfiguredEndpoints(context.Background()); !ignore {
		if endpoint := os.Getenv("AWS_ENDPOINT_URL"); endpoint != "" {
			cfg.BaseEndpoint = &endpoint
		}
	}
	return cfg
}

// credentials also fails if the environment is wrong: it is the one part of the
// configuration that every request uses and that can fail.
func credentials(context.Context) (aws.Credentials, error) {
	if err := (environment{}).check(); err != nil {
		return aws.Credentials{}, err
	}
	c := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		AccountID:       os.Getenv("AWS_ACCOUNT_ID"),
		Source:          "environment",
	}
	if !c.HasKeys() {
		return c, errors.New("no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: outside Lambda, make a client with aws-sdk-go-v2/config and pass it on")
	}
	return c, nil
}

// Lazy returns a function that returns client or, if that is nil, a client that is made by
// the first call.
func Lazy[API any](client API, make func(aws.Config) API) func() API {
	if any(client) == nil {
		return sync.OnceValue(func() API { return make(Config()) })
	}
	return func() API { return client }
}

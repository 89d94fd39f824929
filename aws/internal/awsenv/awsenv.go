// Package awsenv configures AWS clients from environment variables. It reads no profiles and no
// configuration files, because the execution environment has none and the SDK's package config
// would add several megabytes to the binary.
//
//   - AWS_REGION, else AWS_DEFAULT_REGION
//   - AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN
//   - AWS_ENDPOINT_URL_<SERVICE>, such as AWS_ENDPOINT_URL_DYNAMODB, else AWS_ENDPOINT_URL: the URL of
//     the service. If AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true, both are ignored.
//   - AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT: true or false
//   - AWS_ENABLE_ENDPOINT_DISCOVERY: true, false or auto
//   - AWS_ACCOUNT_ID and AWS_ACCOUNT_ID_ENDPOINT_MODE (preferred, required or disabled): endpoints of
//     DynamoDB that contain the account
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

// Config returns the configuration from the environment variables of this process.
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

// credentials returns the credentials of the environment. It also checks the other variables, because
// Config cannot fail and every request calls credentials.
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
		return c, errors.New("AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set: outside Lambda, make a client with aws-sdk-go-v2/config and pass it to New")
	}
	return c, nil
}

// Lazy returns a function that returns client. If client is nil, the first call of the function makes
// one.
func Lazy[API any](client API, make func(aws.Config) API) func() API {
	if any(client) == nil {
		return sync.OnceValue(func() API { return make(Config()) })
	}
	return func() API { return client }
}

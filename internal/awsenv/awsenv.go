// Package awsenv configures clients of AWS from the environment variables that Lambda
// sets. Loading the SDK's shared configuration would link several megabytes more, for
// files and services that a sandbox does not have.
package awsenv

import (
	"context"
	"errors"
	"os"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Config returns the configuration of clients in this process.
func Config() aws.Config {
	cfg := aws.Config{
		Region:      os.Getenv("AWS_REGION"),
		Credentials: aws.CredentialsProviderFunc(credentials),
	}
	if cfg.Region == "" {
		cfg.Region = os.Getenv("AWS_DEFAULT_REGION")
	}
	if endpoint := os.Getenv("AWS_ENDPOINT_URL"); endpoint != "" {
		cfg.BaseEndpoint = &endpoint
	}
	return cfg
}

func credentials(context.Context) (aws.Credentials, error) {
	c := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		Source:          "environment",
	}
	if !c.HasKeys() {
		return c, errors.New("no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: outside Lambda, make a client with aws-sdk-go-v2/config and pass it on")
	}
	return c, nil
}

// Lazy returns what gives client or, where that is nil, a client that is made when it is
// first needed.
func Lazy[API any](client API, make func(aws.Config) API) func() API {
	if any(client) == nil {
		return sync.OnceValue(func() API { return make(Config()) })
	}
	return func() API { return client }
}

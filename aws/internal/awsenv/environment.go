package awsenv

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// environment is a configuration source of the SDK. Its clients look for these methods, by
// their names, in aws.Config.ConfigSources. They ignore errors, which check finds instead.
type environment struct{}

// GetServiceBaseEndpoint returns the endpoint of a service, such as "Secrets Manager".
func (environment) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	endpoint := os.Getenv("AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(service, " ", "_")))
	return endpoint, endpoint != "", nil
}

// GetIgnoreConfiguredEndpoints says whether the variables with endpoints do not count.
func (environment) GetIgnoreConfiguredEndpoints(context.Context) (value, found bool, err error) {
	return boolean("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
}

// GetUseFIPSEndpoint says whether endpoints have to comply with FIPS.
func (environment) GetUseFIPSEndpoint(context.Context) (value aws.FIPSEndpointState, found bool, err error) {
	yes, found, err := boolean("AWS_USE_FIPS_ENDPOINT")
	switch {
	case yes:
		value = aws.FIPSEndpointStateEnabled
	case found:
		value = aws.FIPSEndpointStateDisabled
	}
	return value, found, err
}

// GetUseDualStackEndpoint says whether endpoints have to support IPv6 as well.
func (environment) GetUseDualStackEndpoint(context.Context) (value aws.DualStackEndpointState, found bool, err error) {
	yes, found, err := boolean("AWS_USE_DUALSTACK_ENDPOINT")
	switch {
	case yes:
		value = aws.DualStackEndpointStateEnabled
	case found:
		value = aws.DualStackEndpointStateDisabled
	}
	return value, found, err
}

const discovery = "AWS_ENABLE_ENDPOINT_DISCOVERY"

// GetEnableEndpointDiscovery says whether clients ask the service for its endpoints.
func (environment) GetEnableEndpointDiscovery(context.Context) (value aws.EndpointDiscoveryEnableState, found bool, err error) {
	if strings.EqualFold(os.Getenv(discovery), "auto") {
		return aws.EndpointDiscoveryAuto, true, nil
	}
	yes, found, err := boolean(discovery)
	switch {
	case yes:
		value = aws.EndpointDiscoveryEnabled
	case found:
		value = aws.EndpointDiscoveryDisabled
	}
	return value, found, err
}

// check returns an error if a variable has a value that it cannot have.
func (e environment) check() error {
	for _, name := range []string{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"} {
		if _, _, err := boolean(name); err != nil {
			return err
		}
	}
	_, _, err := e.GetEnableEndpointDiscovery(context.Background())
	return err
}

func boolean(name string) (value, found bool, err error) {
	switch text := os.Getenv(name); {
	case text == "":
		return false, false, nil
	case strings.EqualFold(text, "true"):
		return true, true, nil
	case strings.EqualFold(text, "false"):
		return false, true, nil
	default:
		return false, false, fmt.Errorf("%s=%q is neither true nor false", name, text)
	}
}

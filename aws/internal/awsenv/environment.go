package awsenv

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// environment is a configuration source of the SDK. The clients of services find its methods by
// their names, in aws.Config.ConfigSources. They ignore errors, so check finds them.
type environment struct{}

// GetServiceBaseEndpoint returns the endpoint of a service, such as "Secrets Manager".
func (environment) GetServiceBaseEndpoint(_ context.Context, service string) (string, bool, error) {
	endpoint := os.Getenv("AWS_ENDPOINT_URL_" + strings.ToUpper(strings.ReplaceAll(service, " ", "_")))
	return endpoint, endpoint != "", nil
}

// GetIgnoreConfiguredEndpoints reports whether clients ignore the variables with endpoints.
func (environment) GetIgnoreConfiguredEndpoints(context.Context) (value, found bool, err error) {
	return boolean("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
}

// GetUseFIPSEndpoint returns whether clients use FIPS endpoints.
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

// GetUseDualStackEndpoint returns whether clients use endpoints for IPv4 and IPv6.
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

// GetEnableEndpointDiscovery returns whether clients get the endpoints from the service.
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

// check returns an error if a variable has an invalid value.
func (e environment) check() error {
	for _, name := range []string{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"} {
		if _, _, err := boolean(name); err != nil {
			return err
		}
	}
	_, _, err := e.GetEnableEndpointDiscovery(context.Background())
	return err
}

// boolean returns the value of a variable and whether it is set.
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

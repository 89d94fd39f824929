package endpoints

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appconfigdata"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	sm "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/lambdakit/lambdakit/aws/appconfigapi"
	"github.com/lambdakit/lambdakit/aws/dynamodbparams"
	"github.com/lambdakit/lambdakit/aws/internal/awsenv"
	"github.com/lambdakit/lambdakit/aws/parameterstore"
	"github.com/lambdakit/lambdakit/aws/secrets"
	"github.com/lambdakit/lambdakit/params"
)

// services are the clients, by the name of their service in environment variables.
var services = map[string]struct {
	source func() params.Source
	fetch  func(ctx context.Context, cfg aws.Config) error
	hosts  map[string]string // by what the environment asks for
}{
	"SSM": {
		func() params.Source { return parameterstore.New(nil, nil) },
		func(ctx context.Context, cfg aws.Config) error {
			_, err := parameterstore.New(ssm.NewFromConfig(cfg), nil).Fetch(ctx, "a")
			return err
		},
		map[string]string{
			"": "ssm.us-east-1.amazonaws.com", "fips": "ssm-fips.us-east-1.amazonaws.com",
			"dualstack": "ssm.us-east-1.api.aws", "both": "ssm-fips.us-east-1.api.aws",
		},
	},
	"SECRETS_MANAGER": {
		func() params.Source { return secrets.New(nil, nil) },
		func(ctx context.Context, cfg aws.Config) error {
			_, err := secrets.New(sm.NewFromConfig(cfg), nil).Fetch(ctx, "a")
			return err
		},
		map[string]string{
			"": "secretsmanager.us-east-1.amazonaws.com", "fips": "secretsmanager-fips.us-east-1.amazonaws.com",
			"dualstack": "secretsmanager.us-east-1.amazonaws.com", "both": "secretsmanager-fips.us-east-1.amazonaws.com",
		},
	},
	"APPCONFIGDATA": {
		func() params.Source { return appconfigapi.New(nil, "shop", "prod", nil) },
		func(ctx context.Context, cfg aws.Config) error {
			_, err := appconfigapi.New(appconfigdata.NewFromConfig(cfg), "shop", "prod", nil).Fetch(ctx, "a")
			return err
		},
		map[string]string{
			"": "appconfigdata.us-east-1.amazonaws.com", "fips": "appconfigdata-fips.us-east-1.amazonaws.com",
			"dualstack": "appconfigdata.us-east-1.api.aws", "both": "appconfigdata-fips.us-east-1.api.aws",
		},
	},
	"DYNAMODB": {
		func() params.Source { return dynamodbparams.New(nil, "table", nil) },
		func(ctx context.Context, cfg aws.Config) error {
			_, err := dynamodbparams.New(ddb.NewFromConfig(cfg), "table", nil).Fetch(ctx, "a")
			return err
		},
		map[string]string{
			"": "dynamodb.us-east-1.amazonaws.com", "fips": "dynamodb-fips.us-east-1.amazonaws.com",
			"dualstack": "dynamodb.us-east-1.api.aws", "both": "dynamodb-fips.us-east-1.api.aws",
		},
	},
}

// account is the host of DynamoDB that contains the account.
const account = "123456789012.ddb.us-east-1.amazonaws.com"

var lambda = map[string]string{"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}

// setenv gives the test this environment and nothing else of AWS.
func setenv(t *testing.T, all ...map[string]string) {
	t.Helper()
	env := map[string]string{
		"AWS_DEFAULT_REGION": "", "AWS_ENDPOINT_URL": "", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "", "AWS_USE_FIPS_ENDPOINT": "",
		"AWS_USE_DUALSTACK_ENDPOINT": "", "AWS_ENABLE_ENDPOINT_DISCOVERY": "", "AWS_ACCOUNT_ID": "", "AWS_ACCOUNT_ID_ENDPOINT_MODE": "",
	}
	for service := range services {
		env["AWS_ENDPOINT_URL_"+service] = ""
	}
	for _, more := range all {
		maps.Copy(env, more)
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
}

// recorder answers nothing, and keeps the host of the last request.
type recorder struct{ host string }

var errRecorded = errors.New("recorded")

func (r *recorder) Do(req *http.Request) (*http.Response, error) {
	r.host = req.URL.Host
	return nil, errRecorded
}

func TestHosts(t *testing.T) {
	for service, client := range services {
		general, own := map[string]string{"AWS_ENDPOINT_URL": "http://general"}, map[string]string{"AWS_ENDPOINT_URL_" + service: "http://own"}
		other := "AWS_ENDPOINT_URL_SSM"
		if service == "SSM" {
			other = "AWS_ENDPOINT_URL_DYNAMODB"
		}
		fips, dual := map[string]string{"AWS_USE_FIPS_ENDPOINT": "TRUE"}, map[string]string{"AWS_USE_DUALSTACK_ENDPOINT": "true"}
		ignore := map[string]string{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
		inAccount := client.hosts[""]
		if service == "DYNAMODB" {
			inAccount = account
		}
		for name, test := range map[string]struct {
			env  []map[string]string
			want string
		}{
			"nothing":               {nil, client.hosts[""]},
			"general":               {[]map[string]string{general}, "general"},
			"own":                   {[]map[string]string{own}, "own"},
			"own and general":       {[]map[string]string{own, general}, "own"},
			"another service's":     {[]map[string]string{{other: "http://other"}}, client.hosts[""]},
			"ignored":               {[]map[string]string{own, general, ignore}, client.hosts[""]},
			"general ignored":       {[]map[string]string{general, ignore}, client.hosts[""]},
			"not ignored":           {[]map[string]string{own, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "False"}}, "own"},
			"FIPS":                  {[]map[string]string{fips}, client.hosts["fips"]},
			"no FIPS":               {[]map[string]string{{"AWS_USE_FIPS_ENDPOINT": "false"}}, client.hosts[""]},
			"dual stack":            {[]map[string]string{dual}, client.hosts["dualstack"]},
			"no dual stack":         {[]map[string]string{{"AWS_USE_DUALSTACK_ENDPOINT": "false"}}, client.hosts[""]},
			"FIPS and dual stack":   {[]map[string]string{fips, dual}, client.hosts["both"]},
			"account":               {[]map[string]string{{"AWS_ACCOUNT_ID": "123456789012"}}, inAccount},
			"account, disabled":     {[]map[string]string{{"AWS_ACCOUNT_ID": "123456789012", "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled"}}, client.hosts[""]},
			"account, with general": {[]map[string]string{{"AWS_ACCOUNT_ID": "123456789012"}, general}, "general"},
		} {
			t.Run(service+" "+name, func(t *testing.T) {
				setenv(t, append(test.env, lambda)...)
				r := new(recorder)
				cfg := awsenv.Config()
				cfg.HTTPClient, cfg.RetryMaxAttempts = r, 1
				if err := client.fetch(t.Context(), cfg); !errors.Is(err, errRecorded) || r.host != test.want {
					t.Errorf("got host %q, %v, want %q", r.host, err, test.want)
				}
			})
		}
	}
}

// A source that is given no client makes one with this configuration.
func TestSourcesHonourTheEndpointOfTheirService(t *testing.T) {
	for service, client := range services {
		hits := make(map[string]int)
		serve := func(name string) string {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				hits[name]++
				w.WriteHeader(http.StatusBadRequest)
			}))
			t.Cleanup(server.Close)
			return server.URL
		}
		setenv(t, lambda, map[string]string{"AWS_ENDPOINT_URL": serve("general"), "AWS_ENDPOINT_URL_" + service: serve("own")})
		client.source().Fetch(t.Context(), "a")
		if hits["own"] == 0 || hits["general"] > 0 {
			t.Errorf("%s: got %v requests, want them at the endpoint of the service", service, hits)
		}
	}
}

// A setting that cannot be understood must not send a request to a place that was not meant.
func TestSettingsThatAreWrongFailRequests(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_USE_FIPS_ENDPOINT": "yes", "AWS_USE_DUALSTACK_ENDPOINT": "1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "on",
		"AWS_ENABLE_ENDPOINT_DISCOVERY": "maybe", "AWS_ACCOUNT_ID_ENDPOINT_MODE": "maybe",
	} {
		t.Run(name, func(t *testing.T) {
			setenv(t, lambda, map[string]string{name: value})
			r := new(recorder)
			cfg := awsenv.Config()
			cfg.HTTPClient, cfg.RetryMaxAttempts = r, 1
			err := services["DYNAMODB"].fetch(t.Context(), cfg)
			if err == nil || r.host != "" || !strings.Contains(err.Error(), value) {
				t.Errorf("got %v, host %q, want an error without a request", err, r.host)
			}
		})
	}
}

func TestEndpointDiscovery(t *testing.T) {
	for value, want := range map[string]aws.EndpointDiscoveryEnableState{
		"true": aws.EndpointDiscoveryEnabled, "false": aws.EndpointDiscoveryDisabled, "AUTO": aws.EndpointDiscoveryAuto, "": aws.EndpointDiscoveryAuto,
	} {
		setenv(t, lambda, map[string]string{"AWS_ENABLE_ENDPOINT_DISCOVERY": value})
		if got := ddb.NewFromConfig(awsenv.Config()).Options().EndpointDiscovery.EnableEndpointDiscovery; got != want {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
}

func TestWithoutKeys(t *testing.T) {
	setenv(t, lambda, map[string]string{"AWS_SECRET_ACCESS_KEY": ""})
	if _, err := awsenv.Config().Credentials.Retrieve(t.Context()); err == nil || !strings.Contains(err.Error(), "AWS_SECRET_ACCESS_KEY") {
		t.Errorf("got %v, want an error that names the variables", err)
	}
}

func TestRegions(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"first": {"AWS_REGION": "first", "AWS_DEFAULT_REGION": "second"}, "second": {"AWS_REGION": "", "AWS_DEFAULT_REGION": "second"},
	} {
		setenv(t, lambda, env)
		if got := awsenv.Config().Region; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

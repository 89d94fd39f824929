package emulator

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// lookup returns the last value of a variable, as a process sees it.
func lookup(env []string, name string) (string, bool) {
	for _, kv := range slices.Backward(env) {
		if n, v, _ := strings.Cut(kv, "="); n == name {
			return v, true
		}
	}
	return "", false
}

var secrets = []string{
	"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_ACCESS_KEY", "AWS_SECRET_KEY",
	"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME",
	"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
	"AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_BEARER_TOKEN_BEDROCK", "AWS_VAULT", "AWSUME_PROFILE",
	"AWS_CREDENTIAL_EXPIRATION", "AWS_DELEGATION_TOKEN", "AWS_CREDENTIAL_FILE", "AWS_SSO_START_URL", "AWS_LOGIN_CACHE_DIRECTORY",
}

func TestEnviron_NoCredentialsByDefault(t *testing.T) {
	for _, name := range secrets {
		t.Setenv(name, "secret-"+name)
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://localhost:4566")
	env := (&Config{Command: []string{"/var/task/bootstrap"}}).environ("x")
	if all := strings.Join(env, "\n"); strings.Contains(all, "secret-") {
		t.Errorf("a credential is in\n%s", all)
	}
	for name, want := range map[string]string{
		"AWS_ACCESS_KEY_ID": "lambdakit", "AWS_SECRET_ACCESS_KEY": "lambdakit", "AWS_SESSION_TOKEN": "lambdakit",
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_CONFIG_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ENDPOINT_URL": "http://localhost:4566",
	} {
		if got, _ := lookup(env, name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestEnviron_CredentialsOnRequest(t *testing.T) {
	for _, name := range secrets {
		t.Setenv(name, "secret-"+name)
	}
	env := (&Config{Command: []string{"/var/task/bootstrap"}, AWSCredentials: true}).environ("x")
	for _, name := range secrets {
		if got, _ := lookup(env, name); got != "secret-"+name {
			t.Errorf("%s: got %q, want the shell's", name, got)
		}
	}
}

func TestEnviron_CredentialsOfTheConfigWin(t *testing.T) {
	env := (&Config{Command: []string{"/var/task/bootstrap"}, Env: []string{"AWS_ACCESS_KEY_ID=mine"}}).environ("x")
	if got, _ := lookup(env, "AWS_ACCESS_KEY_ID"); got != "mine" {
		t.Errorf("got %q, want mine", got)
	}
}

func TestEnviron_VariablesOfLambdaAreNotInherited(t *testing.T) {
	names := []string{"AWS_LAMBDA_LOG_LEVEL", "_X_AMZN_TRACE_ID", "_LAMBDA_SERVER_PORT", "AWS_EXECUTION_ENV", "AWS_LAMBDA_MAX_CONCURRENCY", "AWS_XRAY_DAEMON_ADDRESS"}
	for _, name := range names {
		t.Setenv(name, "x")
	}
	env := (&Config{Command: []string{"/var/task/bootstrap"}, Dir: "/src/orders", FunctionName: "orders", MemoryMB: 512, Region: "eu-west-1", Concurrency: 1}).environ("127.0.0.1:1")
	for _, name := range names {
		if v, ok := lookup(env, name); ok {
			t.Errorf("%s is %q, want unset", name, v)
		}
	}
	for name, want := range map[string]string{
		"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1", "AWS_LAMBDA_FUNCTION_NAME": "orders", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/orders",
		"AWS_LAMBDA_LOG_FORMAT": "Text", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1", "LAMBDA_TASK_ROOT": "/src/orders",
		"LAMBDA_RUNTIME_DIR": filepath.FromSlash("/var/task"), "_HANDLER": "bootstrap", "LAMBDAKIT_LOCAL": "true", "TZ": ":UTC", "PWD": "/src/orders",
	} {
		if got, _ := lookup(env, name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestEnviron_ManagedInstances(t *testing.T) {
	env := (&Config{Command: []string{"/var/task/bootstrap"}, Concurrency: 3, XRayAddress: "127.0.0.1:2"}).environ("x")
	for name, want := range map[string]string{
		"AWS_LAMBDA_MAX_CONCURRENCY": "3", "AWS_LAMBDA_INITIALIZATION_TYPE": "lambda-managed-instances", "AWS_LAMBDA_LOG_FORMAT": "JSON",
		"AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2", "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
	} {
		if got, _ := lookup(env, name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestNewEmulator_Defaults(t *testing.T) {
	for _, c := range []struct{ region, other, want string }{{"eu-west-1", "eu-west-2", "eu-west-1"}, {"", "eu-west-2", "eu-west-2"}, {"", "", "us-east-1"}} {
		t.Setenv("AWS_REGION", c.region)
		t.Setenv("AWS_DEFAULT_REGION", c.other)
		e, err := newEmulator(Config{})
		if err != nil || e.cfg.Region != c.want {
			t.Errorf("%+v: got the region %s and %v, want %s", c, e.cfg.Region, err, c.want)
		}
	}
	e, err := newEmulator(Config{Region: "eu-west-3", Concurrency: -1})
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.Getwd()
	if c := e.cfg; err != nil || c.Region != "eu-west-3" || c.FunctionName != "function" || c.MemoryMB != 128 || c.Timeout != 3*time.Second || c.InitTimeout != 10*time.Second ||
		c.Concurrency != 1 || c.Dir != dir || c.Stdout != io.Discard || c.Stderr != io.Discard {
		t.Errorf("got %+v, want the defaults in %s", c, dir)
	}
}

package emulator

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/execenv"
)

// credentialNames are the environment variables that hold AWS credentials, or that lead AWS SDKs
// to some. So do the variables whose names begin with credentialPrefixes.
var (
	credentialNames = []string{
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
		"AWS_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SECURITY_TOKEN", "AWS_DELEGATION_TOKEN", // of older SDKs
		"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_CREDENTIAL_FILE",
		"AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CREDENTIAL_EXPIRATION",
		"AWS_VAULT",
	}
	credentialPrefixes = []string{"AWS_CONTAINER_", "AWS_BEARER_TOKEN", "AWS_SSO_", "AWSUME_", "AWS_LOGIN_"}
)

// dummyCredential is a valid access key id, secret key and session token in form: DynamoDB
// Local takes letters and digits only.
const dummyCredential = "lambdakit"

func isCredential(name string) bool {
	return slices.Contains(credentialNames, name) ||
		slices.ContainsFunc(credentialPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// isLambdas reports whether Lambda alone sets the variable, so that a value of this process's
// environment would mislead.
func isLambdas(name string) bool {
	switch name {
	case "_X_AMZN_TRACE_ID", "_LAMBDA_SERVER_PORT", "AWS_EXECUTION_ENV", "AWS_XRAY_DAEMON_ADDRESS", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "PWD":
		return true
	}
	return strings.HasPrefix(name, "AWS_LAMBDA_")
}

// environ returns the environment variables of the function: this process's, and Lambda's for
// OS-only runtimes.
func (c *Config) environ(runtimeAPI string) []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if !isLambdas(name) && (c.AWSCredentials || !isCredential(name)) {
			env = append(env, kv)
		}
	}
	return append(env, c.variables(runtimeAPI)...)
}

// variables returns those variables that are not this process's.
func (c *Config) variables(runtimeAPI string) []string {
	var env []string
	if !c.AWSCredentials {
		env = append(env,
			"AWS_ACCESS_KEY_ID="+dummyCredential,
			"AWS_SECRET_ACCESS_KEY="+dummyCredential,
			"AWS_SESSION_TOKEN="+dummyCredential,
			"AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, // not the files of the home directory
			"AWS_CONFIG_FILE="+os.DevNull,
			"AWS_EC2_METADATA_DISABLED=true",
		)
	}
	initType, logFormat := "on-demand", "Text"
	if c.Concurrency > 1 {
		initType, logFormat = "lambda-managed-instances", "JSON"
		env = append(env, "AWS_LAMBDA_MAX_CONCURRENCY="+strconv.Itoa(c.Concurrency))
	}
	env = append(env,
		"AWS_LAMBDA_RUNTIME_API="+runtimeAPI,
		"AWS_LAMBDA_FUNCTION_NAME="+c.FunctionName,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE="+strconv.Itoa(c.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE="+initType,
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/"+c.FunctionName,
		"AWS_LAMBDA_LOG_STREAM_NAME="+time.Now().UTC().Format("2006/01/02")+"/[$LATEST]"+randomHex(16),
		"AWS_LAMBDA_LOG_FORMAT="+logFormat,
		"AWS_REGION="+c.Region,
		"AWS_DEFAULT_REGION="+c.Region,
		"LAMBDA_TASK_ROOT="+c.Dir,
		"LAMBDA_RUNTIME_DIR="+filepath.Dir(c.Command[0]),
		"PWD="+c.Dir,
		"_HANDLER=bootstrap",
		execenv.LocalVariable+"=true",
		"TZ=:UTC",
	)
	if c.XRayAddress != "" {
		env = append(env, "AWS_XRAY_DAEMON_ADDRESS="+c.XRayAddress, "AWS_XRAY_CONTEXT_MISSING=LOG_ERROR")
	}
	return append(env, c.Env...)
}

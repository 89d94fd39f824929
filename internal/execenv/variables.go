package execenv

import (
	"os"
	"strings"
)

// LocalVariable is set by lambdakit run and never by Lambda.
const LocalVariable = "LAMBDAKIT_LOCAL"

// RuntimeAPI returns the address of the Runtime API that drives this process, or "" if there is
// none.
func RuntimeAPI() string { return os.Getenv("AWS_LAMBDA_RUNTIME_API") }

// FunctionName returns the name of the function, or "" if it is unknown.
func FunctionName() string { return os.Getenv("AWS_LAMBDA_FUNCTION_NAME") }

// IsFunction reports whether this process is a Lambda function, in Lambda or in an emulator of it.
func IsFunction() bool { return RuntimeAPI() != "" || FunctionName() != "" }

// InLambda reports whether this process runs in Lambda, and not in lambdakit run or in AWS SAM CLI.
func InLambda() bool { return RuntimeAPI() != "" && !InLocalRun() && os.Getenv("AWS_SAM_LOCAL") == "" }

// InLocalRun reports whether this process runs in lambdakit run.
func InLocalRun() bool { return os.Getenv(LocalVariable) != "" }

// LogsJSON reports whether the function's log format is JSON. Lambda then filters the lines by level.
func LogsJSON() bool { return strings.EqualFold(os.Getenv("AWS_LAMBDA_LOG_FORMAT"), "JSON") }

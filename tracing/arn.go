package tracing

import (
	"strconv"
	"strings"

	"github.com/lambdakit/lambdakit"
)

// resourceID returns the ARN that was invoked. It replaces an alias by the version of the
// function, since several aliases can name one version. If the version is unknown, it removes
// the alias. (OpenTelemetry, Semantic conventions for cloud resources, cloud.resource_id)
func resourceID(inv *lambdakit.Invocation) string {
	const beforeQualifier = 7 // arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER
	arn := inv.FunctionARN()
	if strings.Count(arn, ":") != beforeQualifier {
		return arn
	}
	at := strings.LastIndexByte(arn, ':')
	switch version := inv.FunctionVersion(); {
	case !isAlias(arn[at+1:]):
		return arn
	case version != "":
		return arn[:at+1] + version
	}
	return arn[:at]
}

// isAlias reports whether the qualifier of an ARN is an alias. An alias is never a number.
// (Lambda API, CreateAlias)
func isAlias(qualifier string) bool {
	_, err := strconv.ParseUint(qualifier, 10, 64)
	return qualifier != "$LATEST" && err != nil
}

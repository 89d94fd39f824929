package xray

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdakit/lambdakit/internal/redact"
)

// safeValue returns the value of an attribute without credentials.
func safeValue(k kind, v attribute.Value) attribute.Value {
	if v.Type() != attribute.STRING {
		return v
	}
	switch k {
	case urlFull, httpTarget, messagingURL, awsQueueURL:
		return attribute.StringValue(redact.URL(v.AsString()))
	case urlQuery:
		return attribute.StringValue(redact.Query(v.AsString()))
	case databaseConnection:
		return attribute.StringValue(redact.Connection(v.AsString()))
	}
	return v
}

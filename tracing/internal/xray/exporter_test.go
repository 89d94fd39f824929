package xray

import (
	"testing"

	"go.opentelemetry.io/otel/codes"
)

// Documents contain the same members as documents of the collector's exporter.
func TestMappingOfTheExporter(t *testing.T) {
	t.Parallel()
	throttled := newSpan(client, str("rpc.system", "aws-api"), num("http.response.status_code", 503), str("error.type", "SlowDown"))
	throttled.Status = codes.Error
	resource := newSegment(server, str("rpc.service", "r"))
	resource.Resource = attrs{str("service.name", "shop"), str("telemetry.sdk.name", "opentelemetry"), str("telemetry.sdk.language", "go"), str("telemetry.sdk.version", "1.47.0"),
		strs("aws.log.group.names", "/aws/lambda/orders"), strs("aws.log.group.arns", "arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/orders")}
	get := str("http.method", "GET")
	for name, c := range map[string]struct {
		span *Span
		want members
	}{
		"name of the service":    {resource, members{"name": `"shop"`}},
		"SDK":                    {resource, members{"aws.xray.sdk": `"opentelemetry for go"`, "aws.xray.sdk_version": `"1.47.0"`}},
		"log groups":             {resource, members{"aws.cloudwatch_logs": `[{"log_group":"/aws/lambda/orders","arn":"arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/orders"}]`}},
		"database without host":  {newSpan(client, str("db.system", "mysql"), str("db.name", "customers")), members{"name": `"customers"`}},
		"server's name in a URL": {newSpan(client, get, str("server.address", "h"), str("network.peer.address", "10.0.0.1")), members{"http.request.url": `"http://h/"`}},
		"IPv6 in a URL":          {newSpan(client, get, str("server.address", "2001:db8::1"), num("server.port", 8080)), members{"http.request.url": `"http://[2001:db8::1]:8080/"`}},
		"throttled with 503":     {throttled, members{"fault": `true`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, encode(t, Config{}, c.span), c.want)
		})
	}
}

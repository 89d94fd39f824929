package xray

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
	"github.com/lambdakit/lambdakit/internal/redact"
)

func (e *encoder) aws() {
	attrs := &e.attrs
	aws := object{e: e, open: `,"aws":{`}
	if attrs.aws {
		aws.text("operation", attrs.action, e.limits.member)
	}
	aws.text("region", attrs.text(awsRegion), e.limits.member)
	aws.text("account_id", attrs.text(awsAccount), e.limits.member)
	aws.text("request_id", attrs.text(awsRequestID), e.limits.member)
	aws.text("queue_url", redact.URL(attrs.first(messagingURL, awsQueueURL)), e.limits.url)
	if v, ok := attrs.value(awsTableNames); ok && v.Type() == attribute.STRINGSLICE {
		attrs.used[awsTableNames] = true
		switch names := v.AsStringSlice(); len(names) {
		case 0:
		case 1:
			aws.text("table_name", names[0], e.limits.member)
		default:
			aws.key("table_names")
			if len(names) > e.limits.list {
				if e.limits.list == maxList {
					e.lost.hit(limitList)
				}
				names = names[:e.limits.list]
			}
			list(e, names, func(s string) { e.text(s, e.limits.member) })
		}
	} else {
		aws.text("table_name", attrs.text(awsTableName), e.limits.member)
	}
	aws.text("bucket_name", attrs.text(awsBucket), e.limits.member)
	aws.text("topic_arn", attrs.text(awsTopic), e.limits.member)
	if attrs.aws {
		aws.text("function_name", attrs.text(awsFunction), e.limits.member)
	}
	if n, ok := attrs.number(awsRetries); ok {
		aws.key("retries")
		e.buf = jsonenc.AppendInt(e.buf, n)
	}
	if fn := e.span.Function; fn != nil && e.span.Segment {
		if attrs.peek(awsRequestID) == "" {
			aws.text("request_id", fn.RequestID, e.limits.member)
		}
		if attrs.peek(awsAccount) == "" {
			aws.text("account_id", fn.AccountID, e.limits.member)
		}
		if attrs.peek(awsRegion) == "" {
			aws.text("region", fn.Region, e.limits.member)
		}
	}
	if e.span.Segment {
		e.awsResource(&aws)
	}
	aws.close()
	if fn := e.span.Function; fn != nil && e.span.Segment && fn.ARN != "" {
		e.member(`,"resource_arn":`, fn.ARN, e.limits.member)
	}
}

// awsResource appends the members of aws that describe a segment's resource: log groups and
// tracing SDK.
func (e *encoder) awsResource(aws *object) {
	names, arns := e.span.resourceList("aws.log.group.names"), e.span.resourceList("aws.log.group.arns")
	if n := min(max(len(names), len(arns)), e.limits.list); n > 0 {
		aws.key("cloudwatch_logs")
		for i := range n {
			e.raw([...]string{`[`, `,`}[min(i, 1)])
			group := object{e: e, open: `{`}
			if i < len(names) {
				group.text("log_group", names[i], e.limits.member)
			}
			if i < len(arns) {
				group.text("arn", arns[i], e.limits.member)
			}
			if !group.begun {
				e.raw(`{`)
				group.begun = true
			}
			group.close()
		}
		e.raw(`]`)
	}
	if sdk := e.span.resource("telemetry.sdk.name"); sdk != "" {
		if language := e.span.resource("telemetry.sdk.language"); language != "" {
			sdk += " for " + language
		}
		aws.key("xray")
		x := object{e: e, open: `{`}
		x.text("sdk", sdk, e.limits.member)
		x.text("sdk_version", e.span.resource("telemetry.sdk.version"), e.limits.member)
		x.close()
	}
}

// ofSegment reports whether awsResource writes an attribute of the resource, so that metadata
// need not repeat it.
func ofSegment(key string) bool {
	switch key {
	case "aws.log.group.names", "aws.log.group.arns", "telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version":
		return true
	}
	return false
}

// resourceList returns the texts of an attribute of the span's resource.
func (s *Span) resourceList(key attribute.Key) []string {
	for _, a := range s.Resource {
		if a.Key == key && a.Value.Type() == attribute.STRINGSLICE {
			return a.Value.AsStringSlice()
		}
	}
	return nil
}

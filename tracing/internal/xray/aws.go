package xray

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/lambdakit/lambdakit/internal/redact"
)

func (e *encoder) aws() {
	f := &e.facts
	aws := object{e: e, open: `,"aws":{`}
	if f.aws {
		aws.text("operation", f.action, e.effort.member)
	}
	aws.text("region", f.text(awsRegion), e.effort.member)
	aws.text("account_id", f.text(awsAccount), e.effort.member)
	aws.text("request_id", f.text(awsRequestID), e.effort.member)
	aws.text("queue_url", redact.URL(f.first(messagingURL, awsQueueURL)), e.effort.url)
	if v, ok := f.value(awsTableNames); ok && v.Type() == attribute.STRINGSLICE {
		f.used[awsTableNames] = true
		switch names := v.AsStringSlice(); len(names) {
		case 0:
		case 1:
			aws.text("table_name", names[0], e.effort.member)
		default:
			aws.key("table_names")
			if len(names) > e.effort.list {
				if e.effort.list == maxList {
					e.lost.hit(limitList)
				}
				names = names[:e.effort.list]
			}
			list(e, names, func(s string) { e.text(s, e.effort.member) })
		}
	} else {
		aws.text("table_name", f.text(awsTableName), e.effort.member)
	}
	aws.text("bucket_name", f.text(awsBucket), e.effort.member)
	aws.text("topic_arn", f.text(awsTopic), e.effort.member)
	if f.aws {
		aws.text("function_name", f.text(awsFunction), e.effort.member)
	}
	if n, ok := f.number(awsRetries); ok {
		aws.key("retries")
		e.buf = appendInt(e.buf, n)
	}
	if fn := e.span.Function; fn != nil && e.span.Segment {
		if f.peek(awsRequestID) == "" {
			aws.text("request_id", fn.RequestID, e.effort.member)
		}
		if f.peek(awsAccount) == "" {
			aws.text("account_id", fn.AccountID, e.effort.member)
		}
		if f.peek(awsRegion) == "" {
			aws.text("region", fn.Region, e.effort.member)
		}
	}
	if e.span.Segment {
		e.awsResource(&aws)
	}
	aws.close()
	if fn := e.span.Function; fn != nil && e.span.Segment && fn.ARN != "" {
		e.member(`,"resource_arn":`, fn.ARN, e.effort.member)
	}
}

// awsResource appends what X-Ray wants to know of the resource of a segment.
func (e *encoder) awsResource(aws *object) {
	names, arns := e.span.resourceList("aws.log.group.names"), e.span.resourceList("aws.log.group.arns")
	if n := min(max(len(names), len(arns)), e.effort.list); n > 0 {
		aws.key("cloudwatch_logs")
		for i := range n {
			e.raw([...]string{`[`, `,`}[min(i, 1)])
			group := object{e: e, open: `{`}
			if i < len(names) {
				group.text("log_group", names[i], e.effort.member)
			}
			if i < len(arns) {
				group.text("arn", arns[i], e.effort.member)
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
		x.text("sdk", sdk, e.effort.member)
		x.text("sdk_version", e.span.resource("telemetry.sdk.version"), e.effort.member)
		x.close()
	}
}

// ofSegment reports whether a document has a place of its own for an attribute of the
// resource.
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

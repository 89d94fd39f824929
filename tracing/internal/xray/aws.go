package xray

import "go.opentelemetry.io/otel/attribute"

func (e *encoder) aws() {
	f := &e.facts
	aws := object{e: e, open: `,"aws":{`}
	if f.aws {
		aws.text("operation", f.action, maxText)
	}
	aws.text("region", f.text(awsRegion), maxText)
	aws.text("account_id", f.text(awsAccount), maxText)
	aws.text("request_id", f.text(awsRequestID), maxText)
	aws.text("queue_url", f.first(messagingURL, awsQueueURL), maxURL)
	if v, ok := f.value(awsTableNames); ok && v.Type() == attribute.STRINGSLICE {
		f.used[awsTableNames] = true
		switch names := v.AsStringSlice(); len(names) {
		case 0:
		case 1:
			aws.text("table_name", names[0], maxText)
		default:
			aws.key("table_names")
			e.value(v, maxText)
		}
	} else {
		aws.text("table_name", f.text(awsTableName), maxText)
	}
	aws.text("bucket_name", f.text(awsBucket), maxText)
	aws.text("topic_arn", f.text(awsTopic), maxText)
	if f.aws {
		aws.text("function_name", f.text(awsFunction), maxText)
	}
	if n, ok := f.number(awsRetries); ok {
		aws.key("retries")
		e.buf = appendInt(e.buf, n)
	}
	if fn := e.span.Function; fn != nil && e.span.Segment {
		if f.peek(awsRequestID) == "" {
			aws.text("request_id", fn.RequestID, maxText)
		}
		if f.peek(awsAccount) == "" {
			aws.text("account_id", fn.AccountID, maxText)
		}
		if f.peek(awsRegion) == "" {
			aws.text("region", fn.Region, maxText)
		}
	}
	aws.close()
	if fn := e.span.Function; fn != nil && e.span.Segment && fn.ARN != "" {
		e.member(`,"resource_arn":`, fn.ARN, maxText)
	}
}

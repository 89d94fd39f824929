package invocation

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// floor writes the same output at the least cost.
func floor[In, Out any](_ testing.TB, w io.Writer, f function[In, Out]) lambda.Handler {
	now := time.Now().UTC()
	prefix := fmt.Appendf(nil, `{"level":"INFO","message":%q,"timestamp":%q,"service":%q,"cold_start":false,`+
		`"function_arn":%q,"function_memory_size":%d,"function_name":%q,"function_version":%q,"xray_trace_id":%q,`+
		`"function_request_id":"`,
		message, now.Format(millis), service, functionARN, memoryMB, functionName, functionVersion, traceID)
	document := fmt.Appendf(nil, `{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[{"Namespace":%q,`+
		`"Dimensions":[["service"]],"Metrics":[{"Name":"Accepted","Unit":"Count"},{"Name":"Size","Unit":"None"}]}]},`+
		`"service":%q,"Accepted":1,"function_request_id":"`,
		now.UnixMilli(), namespace, service)
	buffers := sync.Pool{New: func() any { return new([]byte) }}

	return handler[In, Out](f(func(ctx context.Context, f fact) {
		lc, _ := lambdacontext.FromContext(ctx)
		pooled := buffers.Get().(*[]byte)
		buf := append((*pooled)[:0], prefix...)
		buf = append(buf, lc.AwsRequestID...)
		buf = append(buf, `","`...)
		buf = append(buf, f.textName...)
		buf = append(buf, `":"`...)
		buf = append(buf, f.text...)
		buf = append(buf, `","`...)
		buf = append(buf, f.sizeName...)
		buf = append(buf, `":`...)
		buf = strconv.AppendFloat(buf, f.size, 'f', -1, 64)
		buf = append(buf, '}', '\n')
		w.Write(buf)

		buf = append(buf[:0], document...)
		buf = append(buf, lc.AwsRequestID...)
		buf = append(buf, `","Size":`...)
		buf = strconv.AppendFloat(buf, f.size, 'f', -1, 64)
		buf = append(buf, '}', '\n')
		w.Write(buf)
		*pooled = buf
		buffers.Put(pooled)
	}))
}

// handler is a lambda.Handler that only decodes, calls and encodes.
type handler[In, Out any] func(context.Context, In) (Out, error)

func (h handler[In, Out]) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var in In
	if err := json.Unmarshal(payload, &in); err != nil {
		return nil, err
	}
	out, err := h(ctx, in)
	if err != nil {
		return nil, err
	}
	var response bytes.Buffer
	enc := json.NewEncoder(&response)
	enc.SetEscapeHTML(false) // as aws-lambda-go
	if err := enc.Encode(out); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(response.Bytes(), []byte("\n")), nil
}

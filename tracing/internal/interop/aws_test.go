package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/internal/xraytest"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/tracing"
	"github.com/lambdakit/lambdakit/tracing/awssdk"
)

// cloud is a server that answers like AWS. Its first answers are the functions of script.
type cloud struct {
	*httptest.Server
	mu      sync.Mutex
	script  []func(http.ResponseWriter)
	headers []string
}

func newCloud(t *testing.T, script ...func(http.ResponseWriter)) (*cloud, aws.Config) {
	c := &cloud{script: script}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.headers = append(c.headers, r.Header.Get("X-Amzn-Trace-Id"))
		w.Header().Set("X-Amzn-Requestid", "REQ-1")
		w.Header().Set("X-Amz-Request-Id", "REQ-1")
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if len(c.script) > 0 {
			c.script[0](w)
			c.script = c.script[1:]
			return
		}
		w.Write([]byte(`{}`))
	}))
	t.Cleanup(c.Close)
	cfg := aws.Config{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""), BaseEndpoint: aws.String(c.URL),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		},
	}
	awssdk.Instrument(&cfg)
	return c, cfg
}

func fail(status int, code string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"__type":"com.amazonaws#%s","message":"no"}`, code)
	}
}

func traced(t *testing.T, header string, f func(ctx context.Context) error) *lambdatest.Result {
	t.Helper()
	h := lambdakit.Wrap(func(ctx context.Context, _ json.RawMessage) (any, error) { return nil, f(ctx) }, tracing.New(nil).Middleware)
	res := lambdatest.New(t, h, &lambdatest.Options{TraceHeader: header}).Invoke(`{}`)
	for _, s := range res.Segments {
		xraytest.Validate(t, s.JSON)
	}
	return res
}

func key() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "secret-id"}}
}

func TestAWSCalls(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script []func(http.ResponseWriter)
		call   func(ctx context.Context, cfg aws.Config) error
		want   string // name, namespace, flags, aws and status
		fails  bool
	}{
		"item": {nil, func(ctx context.Context, cfg aws.Config) error {
			_, err := dynamodb.NewFromConfig(cfg).GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("orders"), Key: key()})
			return err
		}, `DynamoDB aws [] map[operation:GetItem region:eu-west-1 request_id:REQ-1 table_name:orders] 200`, false},
		"two tables": {nil, func(ctx context.Context, cfg aws.Config) error {
			_, err := dynamodb.NewFromConfig(cfg).BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"b": {Keys: []map[string]types.AttributeValue{key()}}, "a": {Keys: []map[string]types.AttributeValue{key()}}}})
			return err
		}, `DynamoDB aws [] map[operation:BatchGetItem region:eu-west-1 request_id:REQ-1 table_names:[a b]] 200`, false},
		"retry": {[]func(http.ResponseWriter){fail(500, "InternalServerError")}, func(ctx context.Context, cfg aws.Config) error {
			_, err := dynamodb.NewFromConfig(cfg).GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("orders"), Key: key()})
			return err
		}, `DynamoDB aws [] map[operation:GetItem region:eu-west-1 request_id:REQ-1 retries:1 table_name:orders] 200`, false},
		"refused": {[]func(http.ResponseWriter){fail(400, "ConditionalCheckFailedException")}, func(ctx context.Context, cfg aws.Config) error {
			_, err := dynamodb.NewFromConfig(cfg).GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("orders"), Key: key()})
			return err
		}, `DynamoDB aws [error] map[operation:GetItem region:eu-west-1 request_id:REQ-1 table_name:orders] 400`, true},
		"throttled": {[]func(http.ResponseWriter){fail(400, "ThrottlingException"), fail(400, "ThrottlingException"), fail(400, "ThrottlingException")}, func(ctx context.Context, cfg aws.Config) error {
			_, err := dynamodb.NewFromConfig(cfg).GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("orders"), Key: key()})
			return err
		}, `DynamoDB aws [error throttle] map[operation:GetItem region:eu-west-1 request_id:REQ-1 retries:2 table_name:orders] 400`, true},
		"broken": {[]func(http.ResponseWriter){fail(500, "x"), fail(500, "x"), fail(500, "x")}, func(ctx context.Context, cfg aws.Config) error {
			_, err := dynamodb.NewFromConfig(cfg).GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("orders"), Key: key()})
			return err
		}, `DynamoDB aws [fault] map[operation:GetItem region:eu-west-1 request_id:REQ-1 retries:2 table_name:orders] 500`, true},
		"queue": {nil, func(ctx context.Context, cfg aws.Config) error {
			_, err := sqs.NewFromConfig(cfg).DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String("https://sqs.example/1/q"), ReceiptHandle: aws.String("secret")})
			return err
		}, `SQS aws [] map[operation:DeleteMessage queue_url:https://sqs.example/1/q region:eu-west-1 request_id:REQ-1] 200`, false},
		"bucket": {nil, func(ctx context.Context, cfg aws.Config) error {
			_, err := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }).DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("images"), Key: aws.String("secret")})
			return err
		}, `S3 aws [] map[bucket_name:images operation:DeleteObject region:eu-west-1 request_id:REQ-1] 200`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud, cfg := newCloud(t, c.script...)
			res := traced(t, header+";Lineage=1:a:2", func(ctx context.Context) error { return c.call(ctx, cfg) })
			if (res.Err != nil) != c.fails {
				t.Errorf("got error %v, want an error: %v", res.Err, c.fails)
			}
			if len(res.Segments) != 2 {
				t.Fatalf("got %d segments, want 2", len(res.Segments))
			}
			s := res.Segments[0]
			var flags []string
			for _, f := range []string{"error", "throttle", "fault"} {
				if s.Document[f] == true {
					flags = append(flags, f)
				}
			}
			status := s.Document["http"].(map[string]any)["response"].(map[string]any)["status"]
			if got := fmt.Sprint(s.Name, " ", s.Namespace, " ", flags, " ", s.Document["aws"], " ", status); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if text := fmt.Sprint(s.Document); strings.Contains(text, "secret") || c.fails && !strings.Contains(text, "exceptions") {
				t.Errorf("got %s, want no secret, and exceptions if the call fails", text)
			}
			for _, h := range cloud.headers {
				if want := "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=" + s.ID + ";Sampled=1;Lineage=1:a:2"; h != want {
					t.Errorf("got header %s, want %s", h, want)
				}
			}
		})
	}
}

// With concurrent invocations the SDK's environment variable has the wrong header for most
// of them.
func TestAWSHeadersOfConcurrentInvocations(t *testing.T) {
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
	t.Setenv("_X_AMZN_TRACE_ID", "Root=1-99999999-999999999999999999999999")
	cloud, cfg := newCloud(t)
	client := sqs.NewFromConfig(cfg)
	want := map[string]bool{}
	var wg sync.WaitGroup
	for i := range 40 {
		h := fmt.Sprintf("Root=1-%08x-%024x;Parent=557abcec3ee5a047;Sampled=0;Lineage=%d:x:0", i+1, i+1, i)
		want[h] = true
		wg.Go(func() {
			traced(t, h, func(ctx context.Context) error {
				_, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String("https://sqs.example/1/q"), ReceiptHandle: aws.String("x")})
				return err
			})
		})
	}
	wg.Wait()
	for _, h := range cloud.headers {
		if !want[h] {
			t.Errorf("got header %s, want the header of an invocation", h)
		}
		delete(want, h)
	}
	if len(want) != 0 {
		t.Errorf("got %d headers that were not sent, want 0", len(want))
	}
}

func TestInstrumentedTwice(t *testing.T) {
	t.Parallel()
	_, cfg := newCloud(t)
	awssdk.Instrument(&cfg)
	res := traced(t, header, func(ctx context.Context) error {
		_, err := sqs.NewFromConfig(cfg).DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String("https://sqs.example/1/q"), ReceiptHandle: aws.String("x")})
		return err
	})
	if res.Err != nil || len(res.Segments) != 2 {
		t.Errorf("got error %v and %d segments, want none and 2", res.Err, len(res.Segments))
	}
}

func TestPresigningIsNoCall(t *testing.T) {
	t.Parallel()
	_, cfg := newCloud(t)
	res := traced(t, header, func(ctx context.Context) error {
		_, err := s3.NewPresignClient(s3.NewFromConfig(cfg)).PresignGetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("images"), Key: aws.String("k")})
		return err
	})
	if res.Err != nil || len(res.Segments) != 1 {
		t.Errorf("got error %v and %d segments, want none and 1", res.Err, len(res.Segments))
	}
}

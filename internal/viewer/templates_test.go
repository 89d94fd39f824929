package viewer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/httpapi"
	"github.com/lambdakit/lambdakit/internal/httpevent"
	"github.com/lambdakit/lambdakit/internal/viewer"
	"github.com/lambdakit/lambdakit/lambdatest"
)

// template returns the text of a template.
func template(t *testing.T, name string) []byte {
	t.Helper()
	list := viewer.Templates(0)
	i := slices.IndexFunc(list, func(x viewer.Template) bool { return x.Name == name })
	if i < 0 {
		t.Fatalf("got no template %q, want one", name)
	}
	return []byte(list[i].Text)
}

func TestTemplates_HaveAllFilesInTheOrderOfTheirNumbers(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	list := viewer.Templates(0)
	if len(list) != len(files) {
		t.Fatalf("got %d templates, want one for each of %d files", len(list), len(files))
	}
	for i, f := range files {
		text, err := os.ReadFile("templates/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if list[i].Text != string(text) {
			t.Errorf("template %d: got %q, want the text of %s", i, list[i].Name, f.Name())
		}
	}
}

// TestTemplates_AreEventsOfAWS decodes each template with the type that AWS publishes for it. No
// member may be unknown.
func TestTemplates_AreEventsOfAWS(t *testing.T) {
	t.Parallel()
	types := map[string]any{
		"API Gateway HTTP API 2.0":  new(events.APIGatewayV2HTTPRequest),
		"API Gateway REST API":      new(events.APIGatewayProxyRequest),
		"Function URL":              new(events.LambdaFunctionURLRequest),
		"Application Load Balancer": new(events.ALBTargetGroupRequest),
		"SQS":                       new(events.SQSEvent),
		"SQS FIFO":                  new(events.SQSEvent),
		"SNS in SQS":                new(events.SQSEvent),
		"EventBridge in SQS":        new(events.SQSEvent),
		"S3 in SQS":                 new(events.SQSEvent),
		"Kinesis":                   new(events.KinesisEvent),
		"DynamoDB stream":           new(events.DynamoDBEvent),
		"Kafka":                     new(events.KafkaEvent),
		"Data Firehose":             new(events.KinesisFirehoseEvent),
		"SNS":                       new(events.SNSEvent),
		"EventBridge":               new(events.EventBridgeEvent),
		"Schedule":                  new(events.EventBridgeEvent),
		"S3, object created":        new(events.S3Event),
	}
	// AWS's types lack these members of events.
	lacking := map[string][]string{
		"API Gateway REST API": {"principalOrgId", "deploymentId"},
		"Function URL":         {"routeKey", "stage"},
	}
	for _, template := range viewer.Templates(0) {
		v := types[template.Name]
		if v == nil {
			if template.Name != "VPC Lattice" { // AWS has no type
				t.Errorf("got the template %q, want a type for it", template.Name)
			}
			continue
		}
		d := json.NewDecoder(bytes.NewReader(without(t, []byte(template.Text), lacking[template.Name]...)))
		d.DisallowUnknownFields()
		if err := d.Decode(v); err != nil {
			t.Errorf("%s: got the error %v, want an event of AWS", template.Name, err)
		}
	}
}

// without returns an object without some members, at any depth.
func without(t *testing.T, text []byte, names ...string) []byte {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	var drop func(v any)
	drop = func(v any) {
		if object, ok := v.(map[string]any); ok {
			for _, name := range names {
				delete(object, name)
			}
			for _, v := range object {
				drop(v)
			}
		}
	}
	drop(v)
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestTemplates_OfRequestsReachAServeMux sends the HTTP templates through package httpapi.
func TestTemplates_OfRequestsReachAServeMux(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]httpapi.Kind{
		"API Gateway HTTP API 2.0":  httpapi.HTTPAPI,
		"API Gateway REST API":      httpapi.RestAPI,
		"Function URL":              httpapi.FunctionURL,
		"Application Load Balancer": httpapi.LoadBalancer,
		"VPC Lattice":               httpapi.Lattice,
	} {
		var got string
		mux := http.NewServeMux()
		mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
			cookie, err := r.Cookie("session")
			if kind != httpapi.Lattice && err != nil {
				t.Errorf("%s: got the error %v, want a cookie", name, err)
			} else if err == nil && cookie.Value != "example" {
				t.Errorf("%s: got the cookie %v, want session=example", name, cookie)
			}
			var order struct{ ID string }
			if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
				t.Errorf("%s: decode the body: %v", name, err)
			}
			got = fmt.Sprint(r.URL.Query().Get("channel"), " ", order.ID, " ", r.Header.Get("Authorization"))
		})
		event := template(t, name)
		res := lambdatest.Run(t, httpapi.Wrap(mux), json.RawMessage(event))
		if want := "web o-1001 Bearer example"; res.Err != nil || got != want {
			t.Errorf("%s: got %q and the error %v, want %q", name, got, res.Err, want)
		}
		r := httptest.NewRequest("POST", "/orders?channel=web", strings.NewReader(`{"id":"o-1001"}`))
		r.Header = http.Header{"Content-Type": {"application/json"}, "Cookie": {"session=example"}}
		made, err := httpevent.Front{Kind: kind}.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		wantMembers(t, name, event, made)
	}
}

// wantMembers checks that a template has the members of an event that the emulation makes. Headers
// differ.
func wantMembers(t *testing.T, name string, template, made []byte) {
	t.Helper()
	have := members(t, template)
	for path := range members(t, made) {
		if !have[path] && !strings.Contains(strings.ToLower(path), "headers.") && !strings.Contains(path, "pathParameters.") {
			t.Errorf("%s: got no member %s, want it", name, path)
		}
	}
}

// members returns the paths of the members of a JSON text. All elements of a list have one path.
func members(t *testing.T, text []byte) map[string]bool {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	paths := make(map[string]bool)
	var walk func(path string, v any)
	walk = func(path string, v any) {
		paths[path] = true
		switch v := v.(type) {
		case map[string]any:
			for name, v := range v {
				walk(path+"."+name, v)
			}
		case []any:
			for _, v := range v {
				walk(path+"[]", v)
			}
		}
	}
	walk("", v)
	return paths
}

// TestTemplates_OfBatchesHaveReadableRecords sends the templates of batches through package batch,
// without their envelopes.
func TestTemplates_OfBatchesHaveReadableRecords(t *testing.T) {
	t.Parallel()
	var got []string
	see := func(text []byte) {
		if !json.Valid(text) {
			text = []byte("not JSON: " + string(text))
		}
		got = append(got, string(text))
	}
	options := &batch.Options{Unwrap: []batch.Envelope{batch.SNS, batch.EventBridge, batch.S3}, Concurrency: 1}
	message := func(_ context.Context, m *batch.Message[json.RawMessage]) error { see(m.Body); return nil }
	order := func(shape string) string { return "[" + strings.Repeat(shape+" ", 3) + "]" }
	for name, c := range map[string]struct {
		handler any
		want    string // members of the records
	}{
		"SQS":                {batch.SQS(message, options), order("amount,id,order")},
		"SQS FIFO":           {batch.SQS(message, options), order("amount,id,order")},
		"Kinesis":            {batch.Kinesis(message, options), order("order,shipment,state")},
		"Kafka":              {batch.Kafka(message, options), order("order,shipment,state")},
		"SNS in SQS":         {batch.SQS(message, options), "[customer,order,total ]"},
		"EventBridge in SQS": {batch.SQS(message, options), "[customer,order,total ]"},
		"S3 in SQS":          {batch.SQS(message, options), "[Records ]"},
	} {
		got = nil
		res := lambdatest.Run(t, c.handler, json.RawMessage(template(t, name)))
		shapes := "["
		for _, text := range got {
			var object map[string]any
			json.Unmarshal([]byte(text), &object)
			shapes += strings.Join(slices.Sorted(maps.Keys(object)), ",") + " "
		}
		if shapes += "]"; res.Err != nil || shapes != c.want {
			t.Errorf("%s: got the records %s of %q and the error %v, want %s", name, shapes, got, res.Err, c.want)
		}
	}
}

// TestTemplates_OfBatchesHaveTheMembersOfAMapping compares them with the events that "lambdakit run
// -queue" makes.
func TestTemplates_OfBatchesHaveTheMembersOfAMapping(t *testing.T) {
	t.Parallel()
	type item struct {
		ID string `json:"id"`
	}
	attributes := map[string]string{"channel": "web"}
	for name, made := range map[string][]byte{
		"SQS":             lambdatest.SQS("payments", lambdatest.Message{Body: "{}", Attributes: attributes}),
		"SQS FIFO":        lambdatest.SQS("payments.fifo", lambdatest.Message{Body: "{}", Group: "g"}),
		"Kinesis":         lambdatest.Kinesis("shipments", lambdatest.Message{Body: "{}", Key: "k"}),
		"DynamoDB stream": lambdatest.DynamoDB("orders", lambdatest.Change{Keys: item{"a"}, Old: item{"a"}, New: item{"a"}}),
		"Kafka":           lambdatest.Kafka("shipments", lambdatest.Message{Body: "{}", Key: "k", Attributes: attributes}),
		"Data Firehose":   lambdatest.Firehose("clicks", "{}"),
	} {
		wantMembers(t, name, template(t, name), made)
	}
}

// TestTemplates_MakeBatchesOfAnySize checks that a batch of n records has n ids, and is otherwise like the
// template.
func TestTemplates_MakeBatchesOfAnySize(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 3, 4, 25} {
		for i, template := range viewer.Templates(n) {
			before := viewer.Templates(0)[i]
			if template.Group != "Queues and streams" {
				if template.Text != before.Text {
					t.Errorf("%s with %d records: got %s, want it unchanged", template.Name, n, template.Text)
				}
				continue
			}
			ids := make(map[string]bool)
			for _, id := range recordIDs(t, template) {
				ids[id] = true
			}
			want := n
			if template.Name == "Kafka" {
				want++ // the second partition has one record
			}
			if len(ids) != want {
				t.Errorf("%s: got the ids %v, want %d", template.Name, slices.Sorted(maps.Keys(ids)), want)
			}
			var indented bytes.Buffer
			if err := json.Indent(&indented, []byte(template.Text), "", "  "); err != nil || indented.String() != template.Text {
				t.Errorf("%s: got %s and the error %v, want JSON that is indented", template.Name, template.Text, err)
			}
			if n >= 3 {
				wantMembers(t, template.Name, []byte(template.Text), []byte(before.Text))
			}
		}
	}
}

// recordIDs returns the ids of the records of a batch.
func recordIDs(t *testing.T, template viewer.Template) []string {
	t.Helper()
	type record struct {
		MessageID, RecordID, EventID string
		Partition, Offset            int
	}
	var batch struct {
		Records json.RawMessage
	}
	if err := json.Unmarshal([]byte(template.Text), &batch); err != nil {
		t.Fatal(err)
	}
	var list []record
	var partitions map[string][]record
	if json.Unmarshal(batch.Records, &list) != nil {
		if err := json.Unmarshal(batch.Records, &partitions); err != nil {
			t.Fatal(err)
		}
	}
	for _, part := range partitions {
		list = append(list, part...)
	}
	var ids []string
	for _, r := range list {
		ids = append(ids, fmt.Sprint(r.MessageID, r.RecordID, r.EventID, " ", r.Partition, " ", r.Offset))
	}
	return ids
}

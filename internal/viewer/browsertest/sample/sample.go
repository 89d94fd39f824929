// Package sample plays a function that takes orders: it gives a store of package viewer the events,
// lines, spans and results that such a function would make.
package sample

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/segment"
	"github.com/lambdakit/lambdakit/internal/viewer"
)

// State is the state of the function.
func State(now time.Time) viewer.State {
	return viewer.State{
		Function: "orders", Package: "./examples/orders", State: viewer.Running, PID: 41207,
		Built: float64(now.Add(-5 * time.Minute).UnixMilli()), BuildMS: 842, MemoryMB: 128, TimeoutMS: 3000, Concurrency: 1,
		URL: "http://127.0.0.1:8080", URLKind: "httpapi", Watch: true, Version: "v0.1.0",
	}
}

// Kinds are outcomes of orders, oldest first. An order is ok, cold, slow, refused, declined,
// failed or timeout.
var Kinds = strings.Fields("cold ok ok refused ok failed ok ok slow ok ok declined ok ok refused ok ok timeout cold ok ok ok failed ok ok slow ok ok failed ok ok")

// Fill adds an invocation for each of kinds. The last one begins shortly before now. Number is the
// number of the first order.
func Fill(s *viewer.Store, now time.Time, number int, kinds ...string) {
	for i, kind := range kinds {
		r := rand.New(rand.NewPCG(11, uint64(number+i)))
		at := now.Add(time.Duration(i-len(kinds))*6700*time.Millisecond + time.Duration(r.IntN(3000))*time.Millisecond)
		o := &order{store: s, rand: r, kind: kind, start: at, id: fmt.Sprintf("o-%d", number+i)}
		o.play()
	}
}

// order is an invocation that takes an order.
type order struct {
	store *viewer.Store
	rand  *rand.Rand
	kind  string
	start time.Time
	id    string // of the order

	request, trace string
	end, after     time.Duration
	spans          []segment.Document
	lines          []line
	metrics        []metric
}

type line struct {
	at   time.Duration // when the function writes it
	text []byte
}

type metric struct {
	name, unit, dimension string
	value                 float64
}

type object = map[string]any

func (o *order) hex(n int) string {
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "%x", o.rand.IntN(16))
	}
	return b.String()
}

// about returns a duration near a number of milliseconds.
func (o *order) about(ms float64) time.Duration {
	return time.Duration(ms * (0.75 + 0.6*o.rand.Float64()) * float64(time.Millisecond))
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// span adds a span. An end of 0 is in progress.
func (o *order) span(parent, name, namespace string, from, to time.Duration, change func(*segment.Document)) string {
	d := segment.Document{ID: o.hex(16), Name: name, TraceID: o.trace, ParentID: parent, Type: "subsegment", Namespace: namespace, StartTime: o.seconds(from)}
	if to > 0 {
		d.EndTime = o.seconds(to)
	}
	d.InProgress = to == 0
	if change != nil {
		change(&d)
	}
	o.spans = append(o.spans, d)
	return d.ID
}

func (o *order) seconds(at time.Duration) float64 {
	return float64(o.start.Add(at).UnixMicro()) / 1e6
}

// log adds a line. One that is written later than at was held back.
func (o *order) log(at, written time.Duration, level, message, span string, fields object) {
	text := fmt.Sprintf(`{"level":%q,"message":%q,"timestamp":%q,"service":"orders","cold_start":%t,"function_name":"orders","function_memory_size":128,"function_request_id":%q,"xray_trace_id":%q,"order_id":%q,"span_id":%q`,
		level, message, o.start.Add(at).UTC().Format("2006-01-02T15:04:05.000Z"), o.kind == "cold", o.request, o.trace, o.id, span)
	for _, name := range slices.Sorted(keys(fields)) {
		text += fmt.Sprintf(",%q:%s", name, encode(fields[name]))
	}
	o.lines = append(o.lines, line{max(at, written), []byte(text + "}")})
}

func keys(m object) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (o *order) status() int {
	return map[string]int{"refused": 422, "declined": 402, "failed": 500, "timeout": 0}[o.kind] + map[string]int{"ok": 201, "cold": 201, "slow": 201}[o.kind]
}

var (
	stack    = "main.(*payments).Charge\n\texamples/orders/payments.go:66\nmain.(*api).create.func1\n\texamples/orders/api.go:58\nmain.(*api).create\n\texamples/orders/api.go:51\n"
	frames   = []segment.Frame{{Path: "examples/orders/payments.go", Line: 66, Label: "main.(*payments).Charge"}, {Path: "examples/orders/api.go", Line: 58, Label: "main.(*api).create.func1"}, {Path: "examples/orders/api.go", Line: 51, Label: "main.(*api).create"}}
	provider = object{"message": "payment provider answered 503", "type": "*errors.errorString"}
)

func (o *order) play() {
	o.request = fmt.Sprintf("%s-%s-4%s-9%s-%s", o.hex(8), o.hex(4), o.hex(3), o.hex(3), o.hex(12))
	o.trace = fmt.Sprintf("1-%x-%s", o.start.Unix(), o.hex(24))
	total := float64(o.rand.IntN(60)) + 8.95
	root := o.hex(16)
	o.spans = []segment.Document{{ID: root, Name: "## orders", TraceID: o.trace, Type: "subsegment", StartTime: o.seconds(0)}}
	items := []object{{"sku": "mug", "quantity": 2, "price": 8.5}, {"sku": "tea", "quantity": 1, "price": 12.95}}
	if o.kind == "refused" {
		items = []object{}
		o.end = o.about(0.5)
		o.log(o.end/2, 0, "WARN", "order refused", root, object{"status": 422, "error": object{"message": "body items must have at least 1 values", "type": "*httpapi.Error"}})
	} else {
		o.charge(root, total)
	}
	o.finishRoot(items)
	if o.kind == "cold" {
		o.metrics = append(o.metrics, metric{"ColdStart", "Count", "function_name=orders", 1})
	}
	if o.kind == "refused" || o.kind == "declined" {
		o.metrics = append(o.metrics, metric{"OrdersRefused", "Count", fmt.Sprint("status=", o.status()), 1})
	}
	body := encode(object{"id": o.id, "items": items, "card": "tok_visa"})
	o.store.Begin(o.request, "event.json", encode(object{
		"version": "2.0", "routeKey": "POST /orders", "rawPath": "/orders", "rawQueryString": "", "cookies": []string{"session=made-up"},
		"headers":        object{"accept": "application/json", "authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.made-up", "content-type": "application/json", "host": "127.0.0.1:8080", "x-api-key": "key-made-up", "user-agent": "curl/8.5.0"},
		"requestContext": object{"accountId": "123456789012", "http": object{"method": "POST", "path": "/orders", "sourceIp": "127.0.0.1"}, "requestId": "JKJaXmPLvHcESHA=", "timeEpoch": o.start.UnixMilli()},
		"body":           body, "isBase64Encoded": true, // body is base64 in JSON
	}), o.start)
	for _, m := range o.metrics {
		o.lines = append(o.lines, line{o.end - 20*time.Microsecond, o.document(m)})
	}
	slices.SortStableFunc(o.lines, func(a, b line) int { return int(a.at - b.at) })
	for _, l := range o.lines {
		o.store.Line(l.text, false, o.start.Add(l.at+20*time.Microsecond))
	}
	o.store.End(o.result(total), o.spans, 0)
}

// document returns a metrics document.
func (o *order) document(m metric) []byte {
	names, doc := []string{"service"}, object{"service": "orders", "function_request_id": o.request, m.name: m.value}
	if name, value, ok := strings.Cut(m.dimension, "="); ok {
		names = append(names, name)
		doc[name] = value
	}
	doc["_aws"] = object{"Timestamp": o.start.UnixMilli(), "CloudWatchMetrics": []object{{"Namespace": "Shop", "Dimensions": [][]string{names}, "Metrics": []object{{"Name": m.name, "Unit": m.unit}}}}}
	return encode(doc)
}

// charge plays the spans and lines of an order that is well formed.
func (o *order) charge(root string, total float64) {
	claim, charge, save := o.about(1.9), o.about(3.4), o.about(1.6)
	switch o.kind {
	case "cold":
		claim, charge = o.about(6), o.about(9)
	case "slow":
		charge = o.about(640)
	case "failed":
		charge = o.about(11)
	}
	const gap = 90 * time.Microsecond
	start := o.about(0.25)
	call := start + claim + gap
	charged := call + charge
	o.end = charged + save + 3*gap
	if o.kind == "timeout" {
		o.end, charged = 3*time.Second, 0
	}
	o.span(root, "DynamoDB", "aws", start, start+claim, func(d *segment.Document) {
		d.AWS.Operation, d.AWS.TableName = "PutItem", "idempotency"
		d.HTTP.Response.Status = 200
	})
	card := o.span(root, "charge card", "", call, charged, func(d *segment.Document) {
		d.Annotations = object{"amount": total, "currency": "EUR"}
		d.Fault, d.Error = o.kind == "failed", o.kind == "declined"
		if d.Fault {
			d.Cause.Exceptions = []segment.Exception{{Type: "*errors.errorString", Message: "payment provider answered 503", Stack: frames}}
		}
	})
	post := func(from, to time.Duration, status int) {
		o.span(card, "payments.internal", "remote", from, to, func(d *segment.Document) {
			d.HTTP.Request.Method, d.HTTP.Response.Status = "POST", status
			d.Fault, d.Error = status == 503, status == 402
		})
	}
	switch o.kind {
	case "timeout":
		post(call+gap, 0, 0)
		o.log(2700*time.Millisecond, 0, "ERROR", "invocation is about to time out", root, object{"remaining_ms": 300, "goroutines": 9})
		return
	case "slow":
		post(call+gap, call+charge*7/9, 503)
		o.log(call+charge*8/10, 0, "WARN", "payment provider is slow", card, object{"attempt": 1, "waited": (charge * 7 / 9).Round(time.Millisecond).String()})
		post(call+charge*6/7, charged-gap, 201)
	case "failed":
		post(call+gap, charged-gap, 503)
	case "declined":
		post(call+gap, charged-gap, 402)
	default:
		post(call+gap, charged-gap, 201)
	}
	o.metrics = append(o.metrics, metric{"ChargeTime", "Milliseconds", "", ms(charge)})
	switch o.kind {
	case "failed":
		o.log(start/2, o.end-3*gap, "DEBUG", "order parsed", root, object{"items": []object{{"sku": "mug", "quantity": 2}, {"sku": "tea", "quantity": 1}}})
		o.log(start+claim, o.end-3*gap, "DEBUG", "key claimed", root, object{"expires_in": "1h0m0s"})
		o.log(o.end-2*gap, 0, "ERROR", "invocation failed", root, object{"error": object{"message": o.failure(), "type": "*fmt.wrapError", "cause": provider, "stack": stack}})
	case "declined":
		o.log(o.end-2*gap, 0, "WARN", "order refused", root, object{"status": 402, "error": object{"message": "card declined", "type": "*errors.errorString"}})
	default:
		o.span(root, "DynamoDB", "aws", charged+gap, charged+gap+save, func(d *segment.Document) {
			d.AWS.Operation, d.AWS.TableName = "UpdateItem", "idempotency"
			d.HTTP.Response.Status = 200
		})
		o.log(o.end-gap, 0, "INFO", "order accepted", root, object{"total": total, "items": 2})
		o.metrics = append(o.metrics, metric{"OrdersAccepted", "Count", "", 1}, metric{"OrderTotal", "None", "", total})
		o.after = o.about(4.2)
		o.span(root, "EventBridge", "aws", o.end+3*gap, o.end+o.after-2*gap, func(d *segment.Document) {
			d.AWS.Operation = "PutEvents"
			d.HTTP.Response.Status = 200
		})
		o.log(o.end+o.after-gap, 0, "DEBUG", "event published", root, object{"type": "OrderConfirmed"})
	}
}

func (o *order) failure() string {
	return "order " + o.id + ": charge card: payment provider answered 503"
}

// finishRoot completes the span around the handler.
func (o *order) finishRoot(items []object) {
	d := &o.spans[0]
	d.HTTP.Request.Method, d.HTTP.Response.Status = "POST", o.status()
	d.Annotations = object{"ColdStart": o.kind == "cold", "Service": "orders", "order_id": o.id}
	d.RawMetadata = encode(object{"orders": object{"items": items}})
	d.Fault, d.Error = o.kind == "failed" || o.kind == "timeout", o.kind == "refused" || o.kind == "declined"
	if d.InProgress = o.kind == "timeout"; !d.InProgress {
		d.EndTime = o.seconds(o.end)
	}
	if o.kind == "failed" {
		d.Cause.Exceptions = []segment.Exception{{Type: "*fmt.wrapError", Message: o.failure(), Stack: frames}}
	}
}

// result returns the end of the invocation.
func (o *order) result(total float64) *emulator.Result {
	r := &emulator.Result{
		RequestID: o.request, TraceHeader: "Root=" + o.trace, ContentType: "application/json", Start: o.start, Duration: o.end, After: o.after,
		MaxRSS: int64(17+o.rand.IntN(5)) << 20, Extension: true,
	}
	if o.kind == "cold" {
		r.InitDuration = o.about(16)
	}
	if o.kind == "timeout" {
		r.ErrorType, r.ErrorMessage = emulator.ErrorTimeout, "Task timed out after 3.00 seconds"
		return r
	}
	if o.kind == "failed" {
		r.Failure = &emulator.Failure{Type: "wrapError", Message: o.failure()}
	}
	body, contentType := object{"order_id": o.id, "payment_id": "pay-" + o.id, "total": total}, "application/json"
	if status := o.status(); status >= 400 {
		body, contentType = object{"title": map[int]string{402: "card declined", 422: "Unprocessable Entity", 500: "Internal Server Error"}[status], "status": status}, "application/problem+json"
	}
	r.Payload = encode(object{"statusCode": o.status(), "headers": object{"Content-Type": contentType}, "body": string(encode(body)), "isBase64Encoded": false})
	r.Size = int64(len(r.Payload))
	return r
}

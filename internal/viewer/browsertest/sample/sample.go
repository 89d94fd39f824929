// Package sample makes up the invocations of a function that takes orders, for tests of the page and
// for its pictures.
package sample

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

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

// Kinds are the outcomes of Orders, oldest first.
var Kinds = strings.Fields("cold ok ok refused ok failed ok ok slow ok ok declined ok ok refused ok ok timeout cold ok ok failed ok ok ok slow ok ok failed ok ok")

// Orders returns one invocation for each of kinds. The last one began shortly before now.
func Orders(now time.Time, kinds []string) []viewer.Invocation {
	list := make([]viewer.Invocation, 0, len(kinds))
	for i, kind := range kinds {
		m := maker{rand: rand.New(rand.NewPCG(7, uint64(i)))}
		at := now.Add(time.Duration(i-len(kinds)) * 6700 * time.Millisecond).Add(time.Duration(m.rand.IntN(3000)) * time.Millisecond)
		list = append(list, m.order(i, kind, at))
	}
	return list
}

type maker struct {
	rand *rand.Rand
	inv  viewer.Invocation
	root string
}

// hex returns n hexadecimal digits.
func (m *maker) hex(n int) string {
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "%x", m.rand.IntN(16))
	}
	return b.String()
}

// about returns a number near x.
func (m *maker) about(x float64) float64 { return round(x * (0.75 + m.rand.Float64()*0.6)) }

func round(x float64) float64 { return math.Round(x*1000) / 1000 }

func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func (m *maker) span(parent string, depth int, name, kind string, start, end float64, change func(*viewer.Span)) string {
	s := viewer.Span{ID: m.hex(16), Parent: parent, Depth: depth, Name: name, Kind: kind, Start: round(start), End: round(end)}
	if change != nil {
		change(&s)
	}
	m.inv.Trace = append(m.inv.Trace, s)
	return s.ID
}

func (m *maker) line(at float64, level, message, span string, fields ...viewer.Field) *viewer.Line {
	order := m.inv.Fields[0][len("order_id="):]
	common := []viewer.Field{
		{Name: "service", Value: raw("orders")}, {Name: "cold_start", Value: raw(m.inv.Cold)}, {Name: "function_memory_size", Value: raw(128)},
		{Name: "function_request_id", Value: raw(m.inv.ID)}, {Name: "xray_trace_id", Value: raw(m.inv.TraceID)},
		{Name: "correlation_id", Value: raw("JKJaXmPLvHcESHA=")}, {Name: "order_id", Value: raw(order)},
	}
	object := map[string]any{"level": level, "message": message, "timestamp": time.UnixMilli(int64(m.inv.Start + at)).UTC().Format("2006-01-02T15:04:05.000Z")}
	for _, f := range append(common, fields...) {
		object[f.Name] = f.Value
	}
	m.inv.Log = append(m.inv.Log, viewer.Line{At: round(at), Level: level, Message: message, Fields: fields, Common: common, Span: span, Raw: string(raw(object))})
	m.inv.Lines = len(m.inv.Log)
	ranks := "DEBUG INFO WARN ERROR"
	if strings.Index(ranks, level) > strings.Index(ranks, m.inv.Level) || m.inv.Level == "" {
		m.inv.Level = level
	}
	return &m.inv.Log[len(m.inv.Log)-1]
}

// metric adds a value to the document of the invocation.
func (m *maker) metric(name, unit, dimensions string, value float64) {
	m.inv.Metrics = append(m.inv.Metrics, viewer.Metric{Namespace: "Shop", Name: name, Unit: unit, Dimensions: []string{dimensions}, Values: []float64{round(value)}})
}

const stack = `charge card: payment provider answered 503
main.(*payments).Charge
	examples/orders/payments.go:66
main.(*api).create.func1
	examples/orders/api.go:58
main.(*api).create
	examples/orders/api.go:51`

func (m *maker) order(i int, kind string, at time.Time) viewer.Invocation {
	id, total := fmt.Sprintf("o-%d", 1001+i), round(float64(8+m.rand.IntN(60))+0.95)
	uuid := fmt.Sprintf("%s-%s-4%s-9%s-%s", m.hex(8), m.hex(4), m.hex(3), m.hex(3), m.hex(12))
	m.inv.Summary = viewer.Summary{
		ID: uuid, Number: i + 1, Title: "POST /orders", Source: "API Gateway HTTP API 2.0", Start: float64(at.UnixMilli()),
		Outcome: viewer.InvocationOK, HTTPStatus: 201, MemoryMB: 17 + m.rand.IntN(4), Fields: []string{"order_id=" + id},
	}
	m.inv.TraceID = fmt.Sprintf("1-%x-%s", at.Unix(), m.hex(24))
	inv := &m.inv
	if kind == "cold" {
		inv.Cold, inv.InitMS = true, m.about(16)
	}
	decode, claim, charge, save := m.about(0.21), m.about(1.9), m.about(3.4), m.about(1.6)
	switch kind {
	case "cold":
		charge, claim = m.about(9), m.about(6)
	case "slow":
		charge = m.about(640)
	case "timeout":
		charge = 3000
	}
	start := decode
	items := []map[string]any{{"sku": "mug", "quantity": 2, "price": 8.5}, {"sku": "tea", "quantity": 1, "price": 12.95}}
	status := map[string]int{"refused": 422, "declined": 402, "failed": 500, "timeout": 0}
	if s, ok := status[kind]; ok {
		inv.HTTPStatus = s
	}
	var end float64
	if kind == "refused" {
		items = nil
		end = m.about(0.4)
	} else {
		end = start + claim + charge + save + 0.3
	}
	if kind == "timeout" {
		end = 3000
	}
	inv.DurationMS = round(end)
	root := m.span("", 0, "## orders", "", 0, end, func(s *viewer.Span) {
		s.Attributes = map[string]any{"ColdStart": inv.Cold, "Service": "orders", "order_id": id}
		s.Detail = "POST"
		if inv.HTTPStatus > 0 {
			s.Detail = fmt.Sprintf("POST %d", inv.HTTPStatus)
		}
		s.Fault = kind == "failed" || kind == "timeout"
		s.Error = kind == "refused" || kind == "declined"
		s.InProgress = kind == "timeout"
		s.Metadata = raw(map[string]any{"orders": map[string]any{"items": items}})
	})
	if kind == "refused" {
		m.line(end*0.6, "WARN", "order refused", root, viewer.Field{Name: "status", Value: raw(422)},
			viewer.Field{Name: "error", Value: raw(map[string]any{"message": "body items must have at least 1 values", "type": "*httpapi.Error"})})
		inv.Outcome = viewer.InvocationRefused
	} else {
		m.rest(kind, root, id, start, claim, charge, save, end, total)
	}
	m.metric("ColdStart", "Count", "service=orders, function_name=orders", map[bool]float64{true: 1}[inv.Cold])
	if !inv.Cold {
		inv.Metrics = inv.Metrics[:len(inv.Metrics)-1]
	}
	if kind == "refused" || kind == "declined" {
		m.metric("OrdersRefused", "Count", fmt.Sprintf("service=orders, status=%d", inv.HTTPStatus), 1)
	}
	m.finish(kind, id, items, total)
	return m.inv
}

// rest adds the spans and lines of an order that is well formed.
func (m *maker) rest(kind, root, id string, start, claim, charge, save, end, total float64) {
	inv := &m.inv
	open := kind == "timeout"
	bad := kind == "failed"
	m.span(root, 1, "DynamoDB", "aws", start, start+claim, func(s *viewer.Span) {
		s.Detail = "PutItem idempotency"
		s.Attributes = map[string]any{"aws.region": "eu-west-1", "aws.request_id": strings.ToUpper(m.hex(16)), "http.response.status_code": 200}
	})
	from := start + claim + 0.08
	to := from + charge
	if open {
		to = end
	}
	exception := viewer.Exception{Type: "*errors.errorString", Message: "payment provider answered 503", Stack: stack}
	card := m.span(root, 1, "charge card", "", from, to, func(s *viewer.Span) {
		s.Fault, s.InProgress, s.Error = bad, open, kind == "declined"
		if bad {
			s.Exceptions = []viewer.Exception{exception}
		}
		s.Attributes = map[string]any{"amount": total, "currency": "EUR"}
	})
	call := func(a, b float64, status int) {
		m.span(card, 2, "payments.internal", "remote", a, b, func(s *viewer.Span) {
			s.Detail = strings.TrimSpace(fmt.Sprintf("POST %d", status))
			if status == 0 {
				s.Detail = "POST"
			}
			s.Fault, s.Error, s.InProgress = status == 503, status == 402, open
			s.Attributes = map[string]any{"url.full": "http://payments.internal/v1/charges", "http.request.method": "POST"}
			if status > 0 {
				s.Attributes["http.response.status_code"] = status
			}
		})
	}
	switch {
	case kind == "slow":
		call(from+0.1, from+charge*0.78, 503)
		m.line(from+charge*0.8, "WARN", "payment provider is slow", card, viewer.Field{Name: "attempt", Value: raw(1)}, viewer.Field{Name: "waited", Value: raw(fmt.Sprintf("%.0fms", charge*0.78))})
		call(from+charge*0.84, to-0.1, 201)
	case bad:
		call(from+0.1, to-0.2, 503)
	case kind == "declined":
		call(from+0.1, to-0.2, 402)
	case open:
		call(from+0.1, end, 0)
	default:
		call(from+0.1, to-0.2, 201)
	}
	switch kind {
	case "failed":
		debug := m.line(0.1, "DEBUG", "order parsed", root, viewer.Field{Name: "items", Value: raw([]map[string]any{{"sku": "mug", "quantity": 2}, {"sku": "tea", "quantity": 1}})})
		debug.Late = true
		claimed := m.line(from-0.05, "DEBUG", "key claimed", root, viewer.Field{Name: "expires_in", Value: raw("1h0m0s")})
		claimed.Late = true
		message := fmt.Sprintf("order %s: charge card: payment provider answered 503", id)
		l := m.line(end-0.12, "ERROR", "invocation failed", root, viewer.Field{Name: "error", Value: raw(map[string]any{"message": message, "type": "*fmt.wrapError", "cause": map[string]any{"message": "payment provider answered 503", "type": "*errors.errorString"}})})
		l.Stack = stack
		inv.Outcome, inv.Error, inv.ErrorMessage = viewer.InvocationFailed, "*fmt.wrapError", message
		inv.Trace[0].Exceptions = []viewer.Exception{{Type: "*fmt.wrapError", Message: message, Stack: stack}}
	case "declined":
		m.line(end-0.2, "WARN", "order refused", root, viewer.Field{Name: "status", Value: raw(402)}, viewer.Field{Name: "error", Value: raw(map[string]any{"message": "card declined", "type": "*errors.errorString"})})
		inv.Outcome = viewer.InvocationRefused
	case "timeout":
		m.line(2700, "ERROR", "invocation is about to time out", root, viewer.Field{Name: "remaining_ms", Value: raw(300)}).Stack =
			"goroutine 34 [select]:\nnet/http.(*persistConn).roundTrip\n\tnet/http/transport.go:2801\nmain.(*payments).Charge\n\texamples/orders/payments.go:57"
		inv.Outcome, inv.Error, inv.ErrorMessage = viewer.InvocationTimeout, "Sandbox.Timedout", "Task timed out after 3.00 seconds"
		return
	default:
		m.span(root, 1, "DynamoDB", "aws", to+0.1, to+0.1+save, func(s *viewer.Span) {
			s.Detail = "UpdateItem idempotency"
			s.Attributes = map[string]any{"aws.region": "eu-west-1", "http.response.status_code": 200}
		})
		m.line(end-0.1, "INFO", "order accepted", root, viewer.Field{Name: "total", Value: raw(total)}, viewer.Field{Name: "items", Value: raw(2)})
		m.metric("OrdersAccepted", "Count", "service=orders", 1)
		m.metric("OrderTotal", "None", "service=orders", total)
		if after := m.about(4.2); len(inv.Fields) > 0 {
			inv.AfterMS = after
			m.span(root, 1, "EventBridge", "aws", end+0.3, end+after-0.2, func(s *viewer.Span) {
				s.Detail, s.After = "PutEvents shop", true
				s.Attributes = map[string]any{"aws.region": "eu-west-1", "http.response.status_code": 200}
			})
			m.line(end+after-0.1, "DEBUG", "event published", root, viewer.Field{Name: "type", Value: raw("OrderConfirmed")})
		}
	}
	m.metric("ChargeTime", "Milliseconds", "service=orders", charge)
}

// finish adds the event, the response, the documents and the report.
func (m *maker) finish(kind, id string, items any, total float64) {
	inv := &m.inv
	inv.Spans = len(inv.Trace)
	inv.BilledMS = math.Ceil(inv.DurationMS + inv.AfterMS + inv.InitMS)
	body := string(raw(map[string]any{"id": id, "items": items, "card": "tok_visa"}))
	event := raw(map[string]any{
		"version": "2.0", "routeKey": "POST /orders", "rawPath": "/orders", "rawQueryString": "",
		"headers": map[string]any{"accept": "application/json", "authorization": "Bearer eyJhbGciOiJIUzI1NiJ9.e30.made-up", "content-type": "application/json", "host": "127.0.0.1:8080", "x-api-key": "key-made-up", "user-agent": "curl/8.5.0"},
		"requestContext": map[string]any{"accountId": "123456789012", "http": map[string]any{"method": "POST", "path": "/orders", "sourceIp": "127.0.0.1"}, "requestId": "JKJaXmPLvHcESHA=", "timeEpoch": int64(inv.Start)},
		"body": base64.StdEncoding.EncodeToString([]byte(body)), "isBase64Encoded": true,
	})
	inv.Event = viewer.Body{Text: string(event), Size: int64(len(event)), Decoded: body}
	answer := map[int]string{
		201: fmt.Sprintf(`{"order_id":%q,"payment_id":"pay-%s","total":%v}`, id, id, total),
		402: `{"title":"card declined","status":402}`, 422: `{"title":"Unprocessable Entity","status":422,"problems":[{"in":"body","name":"items","detail":"must have at least 1 values"}]}`,
		500: `{"title":"Internal Server Error","status":500}`,
	}[inv.HTTPStatus]
	if answer != "" {
		kind := "application/json"
		if inv.HTTPStatus >= 400 {
			kind = "application/problem+json"
		}
		text := raw(map[string]any{"statusCode": inv.HTTPStatus, "headers": map[string]string{"Content-Type": kind}, "body": answer, "isBase64Encoded": false})
		inv.Response = viewer.Body{Text: string(text), Size: int64(len(text)), Type: "application/json", Decoded: answer}
	}
	for i, x := range inv.Metrics {
		object := map[string]any{"_aws": map[string]any{"Timestamp": int64(inv.Start), "CloudWatchMetrics": []any{map[string]any{"Namespace": x.Namespace, "Dimensions": [][]string{{"service"}}, "Metrics": []any{map[string]string{"Name": x.Name, "Unit": x.Unit}}}}}, "service": "orders", x.Name: x.Values[0]}
		inv.Documents = append(inv.Documents, viewer.Document{At: round(math.Min(inv.DurationMS, 0.4+float64(i))), Text: string(raw(object)), Metrics: []viewer.Metric{x}})
	}
	inv.Report = fmt.Sprintf("REPORT RequestId: %s  Duration: %.2f ms  Billed Duration: %.0f ms  Memory Size: 128 MB  Max Memory Used: %d MB", inv.ID, inv.DurationMS, inv.BilledMS, inv.MemoryMB)
}

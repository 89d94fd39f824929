package viewer

import "encoding/json"

// States of the function.
const (
	Building    = "building"
	BuildFailed = "build failed" // Message has the compiler's words; the old process, if any, goes on
	Starting    = "starting"
	StartFailed = "start failed" // Message says why
	Running     = "running"
	Waiting     = "waiting" // for a process that an editor starts
)

// State describes the function and its process.
type State struct {
	Function    string  `json:"function"`
	Package     string  `json:"package"` // folder of its source
	State       string  `json:"state"`
	Message     string  `json:"message,omitempty"` // may have several lines
	PID         int     `json:"pid,omitempty"`
	Built       float64 `json:"built,omitempty"`    // milliseconds since 1970
	BuildMS     float64 `json:"build_ms,omitempty"` // how long the build took
	MemoryMB    int     `json:"memory_mb"`
	TimeoutMS   float64 `json:"timeout_ms"` // 0: none
	Concurrency int     `json:"concurrency"`
	URL         string  `json:"url,omitempty"`      // of -http
	URLKind     string  `json:"url_kind,omitempty"` // of -http-kind, such as "httpapi"
	InvokeURL   string  `json:"invoke_url,omitempty"`
	Watch       bool    `json:"watch,omitempty"`
	Version     string  `json:"version"` // of lambdakit
}

// Outcomes of an invocation.
const (
	InvocationRunning = "running"
	InvocationOK      = "ok"
	InvocationRefused = "refused" // answered with an HTTP status from 400 to 499
	InvocationFailed  = "failed"  // an error, a panic, an exit, or an answer that the function marked as failed
	InvocationTimeout = "timeout"
)

// Summary is an invocation in the list.
type Summary struct {
	ID         string   `json:"id"`     // the request id
	Number     int      `json:"number"` // counts up from 1
	Title      string   `json:"title"`  // such as "POST /orders", "SQS payments (3 records)", "event.json"
	Source     string   `json:"source"` // such as "API Gateway HTTP API 2.0", "SQS"; empty if unknown
	Start      float64  `json:"start"`  // milliseconds since 1970
	Outcome    string   `json:"outcome"`
	Error      string   `json:"error,omitempty"`       // its type
	HTTPStatus int      `json:"http_status,omitempty"` // of the response
	Records    int      `json:"records,omitempty"`     // of a batch
	Failed     int      `json:"failed,omitempty"`      // records that the response reports
	Cold       bool     `json:"cold,omitempty"`
	DurationMS float64  `json:"duration_ms"` // until now, if it runs
	InitMS     float64  `json:"init_ms,omitempty"`
	AfterMS    float64  `json:"after_ms,omitempty"` // work after the response
	BilledMS   float64  `json:"billed_ms"`
	MemoryMB   int      `json:"memory_mb,omitempty"` // used at most
	Lines      int      `json:"lines"`
	Spans      int      `json:"spans"`
	Level      string   `json:"level,omitempty"`   // the highest of its lines
	Fields     []string `json:"fields,omitempty"`  // "order_id=o-1", for the filter; bounded
	Metrics    []Metric `json:"metrics,omitempty"` // that CloudWatch takes; bounded
}

// Metric is a metric of an invocation.
type Metric struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Unit      string `json:"unit,omitempty"`
	// Dimensions has the text of each set, such as "service=orders, channel=web". CloudWatch has one
	// custom metric for each.
	Dimensions []string  `json:"dimensions"`
	Values     []float64 `json:"values"`
}

// Invocation is all that is known of an invocation.
type Invocation struct {
	Summary
	TraceID       string     `json:"trace_id"`
	Event         Body       `json:"event"`
	Response      Body       `json:"response"`
	Report        string     `json:"report"` // Lambda's line
	Batch         []Record   `json:"batch,omitempty"`
	Log           []Line     `json:"log"`
	Trace         []Span     `json:"trace"` // in the order of the waterfall, parents first
	Documents     []Document `json:"documents"`
	Dropped       int        `json:"dropped,omitempty"` // lines, spans and documents beyond the bounds
	ErrorMessage  string     `json:"error_message,omitempty"`
	TimedOutAfter bool       `json:"timed_out_after,omitempty"` // the work after the response did not end in time
}

// Body is an event or a response.
type Body struct {
	Text    string `json:"text"`              // as it is; not JSON if the function streams something else
	Size    int64  `json:"size"`              // in bytes; Text may be cut
	Binary  bool   `json:"binary,omitempty"`  // Text is base64
	Type    string `json:"type,omitempty"`    // the content type, if it tells something
	Decoded string `json:"decoded,omitempty"` // the HTTP body inside: a JSON string, or base64, made readable
	Prelude string `json:"prelude,omitempty"` // of a streamed HTTP response; Text is the body
}

// Record is a message of a batch.
type Record struct {
	ID     string `json:"id"`
	Group  string `json:"group,omitempty"` // message group, partition key or partition
	Failed bool   `json:"failed,omitempty"`
	Body   string `json:"body"` // readable if possible; may be cut
}

// Line is a line of output that is no metrics document. Times are milliseconds since the start of the
// invocation.
type Line struct {
	At      float64 `json:"at"`
	Level   string  `json:"level,omitempty"` // of a JSON line, in capitals
	Message string  `json:"message"`         // the whole text of a line that is no JSON object
	Fields  []Field `json:"fields,omitempty"`
	Common  []Field `json:"common,omitempty"` // fields that every line of the invocation has
	Stack   string  `json:"stack,omitempty"`  // of the error in the line
	Span    string  `json:"span,omitempty"`   // id of the span that it belongs to
	Stderr  bool    `json:"stderr,omitempty"`
	Late    bool    `json:"late,omitempty"`   // held back, and written when the invocation failed
	Before  bool    `json:"before,omitempty"` // written before the invocation: while the process started, or between invocations
	Raw     string  `json:"raw"`              // may be cut
}

// Field is a member of a log line.
type Field struct {
	Name  string          `json:"name"`
	Value json.RawMessage `json:"value"`
}

// Span is a bar of the waterfall.
type Span struct {
	ID         string          `json:"id"`
	Parent     string          `json:"parent,omitempty"`
	Depth      int             `json:"depth"`
	Name       string          `json:"name"`
	Kind       string          `json:"kind,omitempty"` // "aws", "remote", or empty for work inside the function
	Start      float64         `json:"start"`
	End        float64         `json:"end"` // the end of the invocation if it is in progress
	InProgress bool            `json:"in_progress,omitempty"`
	Fault      bool            `json:"fault,omitempty"`
	Error      bool            `json:"error,omitempty"`
	Throttle   bool            `json:"throttle,omitempty"`
	After      bool            `json:"after,omitempty"`  // began after the response
	Detail     string          `json:"detail,omitempty"` // such as "PutItem orders", "POST 201"
	Attributes map[string]any  `json:"attributes,omitempty"`
	Metadata   json.RawMessage `json:"metadata,omitempty"`
	Exceptions []Exception     `json:"exceptions,omitempty"`
}

// Exception is an error of a span.
type Exception struct {
	Type    string `json:"type"`
	Message string `json:"message"`
	Stack   string `json:"stack,omitempty"`
}

// Document is a document in Embedded Metric Format.
type Document struct {
	At       float64  `json:"at"`
	Text     string   `json:"text"`
	Metrics  []Metric `json:"metrics"`
	Problems []string `json:"problems,omitempty"` // why CloudWatch refuses it, or some of its metrics
}

// SendRequest sends events.
type SendRequest struct {
	Event  string `json:"event"`             // JSON text
	Title  string `json:"title,omitempty"`   // default: from the event
	Times  int    `json:"times,omitempty"`   // default 1, at most 1000
	AtOnce int    `json:"at_once,omitempty"` // default 1, at most the function's concurrency
}

// Template is an event to start from.
type Template struct {
	Name  string `json:"name"`
	Group string `json:"group"` // "This function", "HTTP", "Queues and streams", "Events"
	Text  string `json:"text"`  // JSON
}

// File is an event file to save. Its name has no folder and ends in .json.
type File struct {
	Name    string `json:"name"`
	Text    string `json:"text"`
	Replace bool   `json:"replace,omitempty"`
}

// RestartRequest ends the process. The next event starts a new one.
type RestartRequest struct {
	Kill bool `json:"kill,omitempty"` // also if an invocation runs; otherwise it ends first
}

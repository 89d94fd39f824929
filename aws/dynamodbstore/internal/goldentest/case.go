package goldentest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore/internal/fakedynamodb"
	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/internal/golden"
)

// testCase is one case of the file, and its state.
type testCase struct {
	Lang  string
	Given struct {
		NowMS       int64 `json:"now_ms"`
		Env         map[string]string
		Persistence struct {
			TableName, KeyAttr, SortKeyAttr, StaticPkValue                            string
			ExpiryAttr, InProgressExpiryAttr, StatusAttr, DataAttr, ValidationKeyAttr string
		}
		Config struct {
			EventKeyJmesPath, PayloadValidationJmesPath string
			ThrowOnNoIdempotencyKey                     bool
			ExpiresAfterSeconds                         *float64
			UseLocalCache                               bool
			MaxLocalCacheSize                           int
			HashFunction                                string
		}
		KeyPrefix string `json:"key_prefix"`
		Server    []fakedynamodb.Rule
		Langs     []string
		Steps     []*step
	}
	Want struct {
		Steps      []*outcome
		TableAfter []fakedynamodb.Item `json:"table_after"`
		Error      *upstreamError
	}

	t       *testing.T
	rule    func(id string) // notes the use of a rule
	now     time.Time
	fake    *fakedynamodb.Server
	client  *sdk.Client
	once    *idempotency.Guard
	onceErr error
	running []*stepRun // the innermost last
	history []*fakedynamodb.Request
	wanted  map[*fakedynamodb.Request]*fakedynamodb.Request // by the request that was sent
	release chan struct{}                                   // lets hanging workers go
	hanging sync.WaitGroup

	diverged    map[string]string                 // the rule by which the record of a key differs from upstream's
	rewritten   map[string]bool                   // keys whose records differ too much to compare
	keys        map[string]string                 // by payload
	validations map[string]fakedynamodb.Attribute // by payload
	cached      map[string]bool                   // keys in the local cache
}

type step struct {
	Op          string
	PayloadJSON string `json:"payload_json"`
	RemainingMS *int64 `json:"remaining_ms"`
	AdvanceMS   int64  `json:"advance_ms"`
	Handler     struct {
		Returns json.RawMessage
		Throws  *string
		Hangs   bool
		During  []*step
	}
}

type outcome struct {
	Op         string
	NowMS      int64 `json:"now_ms"`
	HandlerRan bool  `json:"handler_ran"`
	Hung       bool
	Result     json.RawMessage
	Error      *upstreamError
	Requests   []struct {
		Op    string
		Input json.RawMessage
	}
	Warnings []string
	During   []*outcome
}

type upstreamError struct {
	Name, Message string
	Cause         *upstreamError
}

func (c *testCase) unknown(format string, args ...any) {
	c.t.Helper()
	c.t.Fatalf("the case has something unknown to this test: "+format, args...)
}

// decode fails for unknown members, because a case that is only partly understood proves nothing.
func (c *testCase) decode(text []byte) {
	var parts struct {
		Lang        string
		Given, Want json.RawMessage
	}
	if err := json.Unmarshal(text, &parts); err != nil {
		c.t.Fatal(err)
	}
	if c.Lang = parts.Lang; c.Lang != "ts" && c.Lang != "python" {
		c.unknown("the language %q", c.Lang)
	}
	for part, v := range map[*json.RawMessage]any{&parts.Given: &c.Given, &parts.Want: &c.Want} {
		d := json.NewDecoder(bytes.NewReader(*part))
		d.DisallowUnknownFields()
		if err := d.Decode(v); err != nil {
			c.unknown("%v", err)
		}
	}
}

// setenv sets the environment to the variables of the case.
func (c *testCase) setenv() {
	golden.Setenv(c.t, c.Given.Env)
}

func (c *testCase) native() bool { return c.Lang == "ts" }

func (c *testCase) keyAttr() string    { return cmp.Or(c.Given.Persistence.KeyAttr, "id") }
func (c *testCase) statusAttr() string { return cmp.Or(c.Given.Persistence.StatusAttr, "status") }
func (c *testCase) dataAttr() string   { return cmp.Or(c.Given.Persistence.DataAttr, "data") }
func (c *testCase) expiryAttr() string {
	return cmp.Or(c.Given.Persistence.ExpiryAttr, "expiration")
}
func (c *testCase) leaseAttr() string {
	return cmp.Or(c.Given.Persistence.InProgressExpiryAttr, "in_progress_expiration")
}
func (c *testCase) validationAttr() string {
	return cmp.Or(c.Given.Persistence.ValidationKeyAttr, "validation")
}

// keySchema returns the attributes of the table's primary key.
func (c *testCase) keySchema() []string {
	if sort := c.Given.Persistence.SortKeyAttr; sort != "" {
		return []string{c.keyAttr(), sort}
	}
	return []string{c.keyAttr()}
}

func (c *testCase) expiresAfter() time.Duration {
	if s := c.Given.Config.ExpiresAfterSeconds; s != nil {
		return time.Duration(*s * float64(time.Second))
	}
	return time.Hour
}

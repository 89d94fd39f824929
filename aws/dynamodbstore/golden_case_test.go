package dynamodbstore_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/lambdakit/lambdakit/idempotency"
	"github.com/lambdakit/lambdakit/internal/golden"
)

// goldenCase is one case of the file and what came of it.
type goldenCase struct {
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
		Server    []serverRule
		Langs     []string
		Steps     []*goldenStep
	}
	Want struct {
		Steps      []*goldenOutcome
		TableAfter []item `json:"table_after"`
		Error      *goldenError
	}

	t       *testing.T
	rule    func(id string) // notes that a rule was applied
	now     time.Time
	fake    *fake
	client  *sdk.Client
	once    *idempotency.Guard
	onceErr error
	running []*stepRun // the innermost last
	history []*request
	release chan struct{} // lets workers go that hang
	hanging sync.WaitGroup

	diverged    map[string]string    // keys whose records differ from upstream's, and the rule by which they do
	rewritten   map[string]bool      // keys of which upstream's account cannot be used any more
	keys        map[string]string    // by payload
	validations map[string]attribute // by payload
	cached      map[string]bool      // what the local cache has, by key
}

type goldenStep struct {
	Op          string
	PayloadJSON string `json:"payload_json"`
	RemainingMS *int64 `json:"remaining_ms"`
	AdvanceMS   int64  `json:"advance_ms"`
	Handler     struct {
		Returns json.RawMessage
		Throws  *string
		Hangs   bool
		During  []*goldenStep
	}
}

type goldenOutcome struct {
	Op         string
	NowMS      int64 `json:"now_ms"`
	HandlerRan bool  `json:"handler_ran"`
	Hung       bool
	Result     json.RawMessage
	Error      *goldenError
	Requests   []struct {
		Op    string
		Input json.RawMessage
	}
	Warnings []string
	During   []*goldenOutcome
}

type goldenError struct {
	Name, Message string
	Cause         *goldenError
}

func (c *goldenCase) unknown(format string, args ...any) {
	c.t.Helper()
	c.t.Fatalf("the case has something that this test does not know: "+format, args...)
}

// decode refuses what the interpreter does not know: a case that is understood by half
// proves nothing.
func (c *goldenCase) decode(text []byte) {
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

// setenv makes the environment that of the case alone.
func (c *goldenCase) setenv() {
	golden.Setenv(c.t, c.Given.Env)
}

func (c *goldenCase) native() bool { return c.Lang == "ts" }

func (c *goldenCase) keyAttr() string    { return cmp.Or(c.Given.Persistence.KeyAttr, "id") }
func (c *goldenCase) statusAttr() string { return cmp.Or(c.Given.Persistence.StatusAttr, "status") }
func (c *goldenCase) dataAttr() string   { return cmp.Or(c.Given.Persistence.DataAttr, "data") }
func (c *goldenCase) expiryAttr() string {
	return cmp.Or(c.Given.Persistence.ExpiryAttr, "expiration")
}
func (c *goldenCase) leaseAttr() string {
	return cmp.Or(c.Given.Persistence.InProgressExpiryAttr, "in_progress_expiration")
}
func (c *goldenCase) validationAttr() string {
	return cmp.Or(c.Given.Persistence.ValidationKeyAttr, "validation")
}

// keySchema returns the attributes of the table's primary key.
func (c *goldenCase) keySchema() []string {
	if sort := c.Given.Persistence.SortKeyAttr; sort != "" {
		return []string{c.keyAttr(), sort}
	}
	return []string{c.keyAttr()}
}

func (c *goldenCase) expiresAfter() time.Duration {
	if s := c.Given.Config.ExpiresAfterSeconds; s != nil {
		return time.Duration(*s * float64(time.Second))
	}
	return time.Hour
}

package dynamodbstore_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/aws/dynamodbstore/internal/fakedynamodb"
	"github.com/lambdakit/lambdakit/idempotency"
)

// lossy does what it is asked, and loses the first answer to each operation.
type lossy struct {
	http.Transport
	mu   sync.Mutex
	lost []string
}

func (l *lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := l.Transport.RoundTrip(r)
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil || slices.Contains(l.lost, op) {
		return response, err
	}
	l.lost = append(l.lost, op)
	io.Copy(io.Discard, response.Body)
	response.Body.Close()
	return nil, &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}
}

// TestLostAnswers has the SDK try again what was done: the second attempt finds the run's own
// record.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for _, omit := range []bool{false, true} {
		for _, fails := range []bool{false, true} {
			t.Run(fmt.Sprintf("the server omits items: %v, the run fails: %v", omit, fails), func(t *testing.T) {
				t.Parallel()
				f := fakedynamodb.New(t)
				f.Rules = []fakedynamodb.Rule{{On: "PutItem", OmitItem: omit}}
				transport := new(lossy)
				once, err := idempotency.New(dynamodbstore.New(f.Client(transport), f.Table, nil), &idempotency.Options{
					Prefix: "p", OnError: func(err error) { t.Error(err) },
				})
				if err != nil {
					t.Fatal(err)
				}
				boom, ran := errors.New("boom"), 0
				got, err := idempotency.Call(t.Context(), once, "k", func(ctx context.Context) (string, error) {
					ran++
					if err := idempotency.FromContext(ctx).Extend(ctx, time.Hour); err != nil {
						t.Error(err)
					}
					if fails {
						return "", boom
					}
					return "done", nil
				})
				if ran != 1 || fails && err != boom || !fails && (err != nil || got != "done") {
					t.Errorf("got %d runs, %q and %v, want 1 and the outcome of the function", ran, got, err)
				}
				end, want := "UpdateItem", 1
				if fails {
					end, want = "DeleteItem", 0
				}
				if !slices.Contains(transport.lost, "PutItem") || !slices.Contains(transport.lost, end) || len(f.Items) != want {
					t.Errorf("got lost answers to %q and the items %v, want PutItem and %s lost, and %d items", transport.lost, f.Items, end, want)
				}
				puts := 2 // one and its second attempt
				if omit {
					puts = 3 // and another one after the GetItem whose answer was lost
				}
				if n := f.Counts["PutItem"]; n != puts {
					t.Errorf("got %d PutItems, want %d", n, puts)
				}
				if fails {
					return
				}
				got, err = idempotency.Call(t.Context(), once, "k", func(context.Context) (string, error) { return "again", nil })
				if err != nil || got != "done" {
					t.Errorf("duplicate: got %q, %v, want done, no error", got, err)
				}
			})
		}
	}
}

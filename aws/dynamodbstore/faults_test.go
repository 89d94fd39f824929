package dynamodbstore_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit/aws/dynamodbstore"
	"github.com/lambdakit/lambdakit/aws/dynamodbstore/internal/fakedynamodb"
	"github.com/lambdakit/lambdakit/internal/faulttest"
)

// Work is done once although one of five requests fails. The tests with a real server try many
// more keys, and requests that hang.
func TestFaults_WorkIsDoneOnce(t *testing.T) {
	t.Parallel()
	f := fakedynamodb.New(t)
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	for _, fault := range faulttest.QuickFaults() {
		proxy := faulttest.NewProxy(t, strings.TrimPrefix(server.URL, "http://"), faulttest.DynamoDB)
		faulttest.Check(t, string(fault), faulttest.Run(t, faulttest.Options{
			Proxy: proxy, Store: dynamodbstore.New(clientOf("http://"+proxy.Addr), f.Table, nil), Direct: dynamodbstore.New(clientOf(server.URL), f.Table, nil),
			Fault: fault, Rate: 0.2, Keys: 40, Calls: 8, Timeout: 10 * time.Second,
		}))
	}
}

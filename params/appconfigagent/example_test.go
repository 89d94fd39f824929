package appconfigagent_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/lambdakit/lambdakit/params"
	"github.com/lambdakit/lambdakit/params/appconfigagent"
)

// A profile of feature flags is JSON. The agent caches it, so a MaxAge of a second is enough. Here a
// test server takes the place of the agent.
func ExampleNew() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"checkout": {"enabled": true}}`)
	}))
	defer server.Close()

	source := appconfigagent.New("shop", "prod", &appconfigagent.Options{URL: server.URL})
	cache, err := params.New(source, &params.Options{MaxAge: time.Second})
	if err != nil {
		log.Fatal(err)
	}
	flags, err := params.JSON[map[string]struct{ Enabled bool }](context.Background(), cache, "flags")
	fmt.Println(flags["checkout"].Enabled, err)
	// Output: true <nil>
}

package extension_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"

	"github.com/lambdakit/lambdakit/params"
	"github.com/lambdakit/lambdakit/params/extension"
)

// The extension answers only while an invocation runs. So the handler loads the configuration, in
// the first invocation. Here a test server takes the place of the extension.
func ExampleParameterStore() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"Parameter": {"Value": "value of %s", "Type": "String", "Version": 1}}`, r.URL.Query().Get("name"))
	}))
	defer server.Close()

	cache, err := params.New(extension.ParameterStore(&extension.Options{URL: server.URL}), nil)
	if err != nil {
		log.Fatal(err)
	}
	type config struct {
		URL string `param:"/shop/db/url"`
	}
	load := sync.OnceValues(func() (config, error) {
		var c config
		return c, params.Load(context.Background(), cache, &c)
	})

	handle := func(context.Context) error {
		c, err := load()
		fmt.Println(c.URL)
		return err
	}
	fmt.Println(handle(context.Background()))
	// Output:
	// value of /shop/db/url
	// <nil>
}

// A Secret prints as [redacted].
func ExampleSecretsManager() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"SecretString": "hunter2", "VersionId": "v1"}`)
	}))
	defer server.Close()

	cache, err := params.New(extension.SecretsManager(&extension.Options{URL: server.URL}), nil)
	if err != nil {
		log.Fatal(err)
	}
	password, err := cache.Secret(context.Background(), "shop/db/password")
	fmt.Println(password, len(password.Reveal()), err)
	// Output: [redacted] 7 <nil>
}

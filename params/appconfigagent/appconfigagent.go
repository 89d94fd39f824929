// Package appconfigagent reads configurations and feature flags of AWS AppConfig through the AppConfig
// agent. The agent is a Lambda layer that answers over HTTP inside the execution environment, so
// the binary needs no AWS SDK.
//
//	cache, err := params.New(appconfigagent.New("shop", "prod", nil), &params.Options{MaxAge: time.Second})
//	flags, err := params.JSON[Flags](ctx, cache, "flags")
//
// The name of a parameter is the name of a configuration profile. The source does not support paths
// and Put.
//
// The agent caches configurations, and polls for new ones every 45 seconds by default
// (AWS_APPCONFIG_EXTENSION_POLL_INTERVAL_SECONDS). Cache.Fresh cannot bypass this cache. MaxAge of
// the Cache adds to this time, so set a short MaxAge. (AWS AppConfig User Guide, AppConfig Agent
// Lambda extension)
//
// [New] cannot fail and makes no request. If the layer is missing or a name is wrong, each fetch
// fails. If the agent does not answer, or answers with a status 429 or 5xx, the source tries at
// most three times.
package appconfigagent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"

	"github.com/lambdakit/lambdakit/params"
	"github.com/lambdakit/lambdakit/params/internal/local"
)

// Options configures the source. A nil *Options, and every zero field, means the default.
type Options struct {
	// Flags are the names of the feature flags to get. Default: all.
	Flags []string

	// Context are pairs key=value. The agent chooses the variants of flags by them.
	Context []string

	// Client makes the requests. Default: a client without a proxy.
	Client *http.Client

	// URL is the address of the agent. Default: http://localhost:PORT. PORT is
	// AWS_APPCONFIG_EXTENSION_HTTP_PORT, else 2772.
	URL string
}

// maxBody bounds the bytes of an answer. A configuration has at most 4 MB.
const maxBody = 4 << 20

// New returns a source of the configurations of an application in an environment.
func New(application, environment string, o *Options) *Source {
	s := &Source{}
	if o != nil {
		s.o = *o
		s.o.Flags, s.o.Context = slices.Clone(o.Flags), slices.Clone(o.Context)
	}
	if s.o.URL == "" {
		s.o.URL = "http://localhost:" + cmp.Or(os.Getenv("AWS_APPCONFIG_EXTENSION_HTTP_PORT"), "2772")
	}
	s.o.Client = local.Client(s.o.Client)
	s.base = s.o.URL + "/applications/" + url.PathEscape(application) + "/environments/" + url.PathEscape(environment) + "/configurations/"
	return s
}

// Source reads from the agent. Make one with [New].
type Source struct {
	o    Options
	base string
}

// CachedElsewhere implements params.Fixed.
func (s *Source) CachedElsewhere() string { return "the agent, for its poll interval" }

// Fetch implements params.Source.
func (s *Source) Fetch(ctx context.Context, profile string) (params.Value, error) {
	if profile == "." || profile == ".." {
		return params.Value{}, fmt.Errorf("%q is not the name of a profile", profile)
	}
	target := s.base + url.PathEscape(profile)
	if len(s.o.Flags) > 0 {
		target += "?" + url.Values{"flag": s.o.Flags}.Encode()
	}
	header := http.Header{}
	for _, pair := range s.o.Context {
		header.Add("Context", pair)
	}
	res, body, err := local.Get(ctx, s.o.Client, local.Request{Server: "the AppConfig agent", URL: target, Header: header, MaxBody: maxBody})
	if err != nil {
		return params.Value{}, err
	}
	switch res.StatusCode {
	case http.StatusOK:
		return params.Value{Text: string(body), Version: res.Header.Get("Configuration-Version")}, nil
	case http.StatusNotFound:
		err = params.ErrNotFound
	case http.StatusBadRequest:
		err = errors.New("bad request: a flag may not exist")
	case http.StatusUnauthorized, http.StatusForbidden:
		err = params.ErrAccessDenied
	case http.StatusTooManyRequests:
		err = params.ErrThrottled
	default:
		err = errors.New(http.StatusText(res.StatusCode))
	}
	return params.Value{}, fmt.Errorf("the agent answered %d: %w", res.StatusCode, err)
}

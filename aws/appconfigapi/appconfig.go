// Package appconfigapi reads configurations and feature flags of AWS AppConfig through its
// data API. Where AppConfig's agent is a layer of the function, package appconfigagent does
// it without an AWS SDK, and calls that are shared by everything in the sandbox.
//
//	store, err := params.New(appconfig.New(nil, "shop", "prod", nil), nil)
//	flags, err := params.JSON[Flags](ctx, store, "flags")
//
// The name of a parameter is that of a configuration profile. Each has a session, whose
// tokens are used once each and in turn; a session that is older than 23 hours and 45
// minutes, or whose last answer was lost, is replaced. Between two calls of a session at
// least the interval passes that the service wants; what is asked for earlier is answered
// with the last configuration. The function's role needs
// appconfig:StartConfigurationSession and appconfig:GetLatestConfiguration. Calls are
// priced.
package appconfigapi

import (
	"cmp"
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appconfigdata"

	"github.com/lambdakit/lambdakit/aws/internal/awsenv"
	"github.com/lambdakit/lambdakit/aws/internal/kind"
	"github.com/lambdakit/lambdakit/params"
)

// API is what is used of an *appconfigdata.Client.
type API interface {
	StartConfigurationSession(context.Context, *appconfigdata.StartConfigurationSessionInput, ...func(*appconfigdata.Options)) (*appconfigdata.StartConfigurationSessionOutput, error)
	GetLatestConfiguration(context.Context, *appconfigdata.GetLatestConfigurationInput, ...func(*appconfigdata.Options)) (*appconfigdata.GetLatestConfigurationOutput, error)
}

// Options configures a [Source]. A nil *Options, and every zero field, means the default.
type Options struct {
	// MinPollInterval is the least time between two calls for a profile, 15 s to 24 h.
	// Default: the service's, 60 s.
	MinPollInterval time.Duration

	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// Source is a params.Source. Make one with [New].
type Source struct {
	application, environment string
	o                        Options
	client                   func() API

	mu       sync.Mutex
	sessions map[string]*session
}

// session is that of one profile.
type session struct {
	turn    chan struct{} // holds one: calls of a session come one after another
	token   *string
	started time.Time
	next    time.Time // no call before
	last    *params.Value
}

// maxSession is a little less than the 24 hours that a token is good for. (AWS AppConfig
// Data, StartConfigurationSession)
const maxSession = 23*time.Hour + 45*time.Minute

// maxProfiles bounds the sessions; names come from the program.
const maxProfiles = 1000

// New returns a Source of the configurations of an application in an environment, both by
// name or id. An empty application is POWERTOOLS_SERVICE_NAME. It uses client. If that is
// nil, the first fetch makes one from environment variables: the region and the credentials
// that Lambda sets, and the endpoints that the SDK documents, such as
// AWS_ENDPOINT_URL_APPCONFIGDATA. Profiles and configuration files do not count.
func New(client API, application, environment string, o *Options) *Source {
	s := &Source{
		application: cmp.Or(application, os.Getenv("POWERTOOLS_SERVICE_NAME")),
		environment: environment,
		sessions:    make(map[string]*session),
	}
	if o != nil {
		s.o = *o
	}
	if s.o.Now == nil {
		s.o.Now = time.Now
	}
	s.client = awsenv.Lazy(client, func(cfg aws.Config) API { return appconfigdata.NewFromConfig(cfg) })
	return s
}

// Fetch implements params.Source.
func (s *Source) Fetch(ctx context.Context, profile string) (params.Value, error) {
	if s.application == "" || s.environment == "" {
		return params.Value{}, errors.New("appconfigapi: no application or no environment")
	}
	x, err := s.session(profile)
	if err != nil {
		return params.Value{}, err
	}
	select {
	case x.turn <- struct{}{}:
		defer func() { <-x.turn }()
	case <-ctx.Done():
		return params.Value{}, ctx.Err()
	}
	now := s.o.Now()
	if x.last != nil && x.token != nil && now.Before(x.next) {
		return *x.last, nil
	}
	if x.token == nil || now.Sub(x.started) >= maxSession {
		if err := s.start(ctx, x, profile, now); err != nil {
			return params.Value{}, err
		}
	}
	token := x.token
	x.token = nil // used, whatever comes of it
	out, err := s.client().GetLatestConfiguration(ctx, &appconfigdata.GetLatestConfigurationInput{ConfigurationToken: token})
	if err != nil {
		return params.Value{}, kind.Of(err)
	}
	if aws.ToString(out.NextPollConfigurationToken) != "" {
		x.token = out.NextPollConfigurationToken
	}
	x.next = now.Add(time.Duration(out.NextPollIntervalInSeconds) * time.Second)
	// An empty body means that nothing has changed since the session's last answer; in its
	// first one it is the configuration.
	if len(out.Configuration) > 0 || x.last == nil {
		x.last = &params.Value{Text: string(out.Configuration), Version: aws.ToString(out.VersionLabel)}
	}
	return *x.last, nil
}

// CachedElsewhere implements params.Fixed.
func (s *Source) CachedElsewhere() string {
	return "the session with AppConfig, for the service's poll interval"
}

func (s *Source) session(profile string) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.sessions[profile]
	if x == nil {
		if len(s.sessions) == maxProfiles {
			return nil, errors.New("appconfigapi: too many profiles")
		}
		x = &session{turn: make(chan struct{}, 1)}
		s.sessions[profile] = x
	}
	return x, nil
}

// start begins a session, whose first answer is the whole configuration.
func (s *Source) start(ctx context.Context, x *session, profile string, now time.Time) error {
	in := &appconfigdata.StartConfigurationSessionInput{
		ApplicationIdentifier: &s.application, EnvironmentIdentifier: &s.environment, ConfigurationProfileIdentifier: &profile,
	}
	if s.o.MinPollInterval > 0 {
		seconds := int32((s.o.MinPollInterval + time.Second - 1) / time.Second)
		in.RequiredMinimumPollIntervalInSeconds = &seconds
	}
	out, err := s.client().StartConfigurationSession(ctx, in)
	if err != nil {
		return kind.Of(err)
	}
	x.token, x.started, x.last = out.InitialConfigurationToken, now, nil
	return nil
}

// Package appconfigapi reads configurations and feature flags of AWS AppConfig through the AppConfig
// Data API.
//
//	cache, err := params.New(appconfigapi.New(nil, "shop", "prod", nil), nil)
//	flags, err := params.JSON[Flags](ctx, cache, "flags")
//
// If the AppConfig agent is a layer of the function, use package appconfigagent instead, which
// needs no AWS SDK.
//
// The name of a parameter is the name of a configuration profile. The source does not support paths
// and Put.
//
// # Sessions
//
// The source has one session for each profile. A session gives a token for one call at a time.
//
//   - The source starts another session if the current one is older than 23 hours and 45 minutes,
//     or if an answer, which contains the next token, was lost.
//   - The service sets a poll interval, 60 seconds by default. An earlier fetch returns the last
//     configuration without a call. Cache.Fresh cannot bypass this interval.
//   - An empty answer means that the configuration has not changed. If the first answer of a session is
//     empty, the configuration itself is empty and the value is an empty text.
//
// # Errors
//
// [New] cannot fail and makes no request. If the names, the credentials or the region are wrong,
// each fetch fails.
//
// # Permissions and cost
//
// The role of the function needs appconfig:StartConfigurationSession and
// appconfig:GetLatestConfiguration. AWS charges for calls.
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

// API is the part of an *appconfigdata.Client that a Source uses.
type API interface {
	StartConfigurationSession(context.Context, *appconfigdata.StartConfigurationSessionInput, ...func(*appconfigdata.Options)) (*appconfigdata.StartConfigurationSessionOutput, error)
	GetLatestConfiguration(context.Context, *appconfigdata.GetLatestConfigurationInput, ...func(*appconfigdata.Options)) (*appconfigdata.GetLatestConfigurationOutput, error)
}

// Options configures a [Source]. A nil *Options, and every zero field, means the default.
type Options struct {
	// MinPollInterval is the shortest time between two calls for a profile, 15 seconds to
	// 24 hours. Default: the default of the service, 60 seconds.
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

// session is the session of one profile.
type session struct {
	sem     chan struct{} // capacity 1: a session makes one call at a time
	token   *string
	started time.Time
	next    time.Time     // the earliest time of the next call
	wait    time.Duration // from the last call to next
	last    *params.Value
}

// maxSession is a little shorter than the 24 hours for which a token is valid. (AWS AppConfig
// Data, StartConfigurationSession)
const maxSession = 23*time.Hour + 45*time.Minute

// maxProfiles bounds the sessions.
const maxProfiles = 1000

// New returns a Source of the configurations of an application in an environment. Both are names or
// ids. If application is empty, it is POWERTOOLS_SERVICE_NAME.
//
// The Source uses client. If client is nil, the first fetch makes one from environment
// variables: the region and the credentials that Lambda sets, and the endpoints that the SDK
// documents, such as AWS_ENDPOINT_URL_APPCONFIGDATA. It ignores profiles and configuration
// files.
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
	sess, err := s.session(profile)
	if err != nil {
		return params.Value{}, err
	}
	select {
	case sess.sem <- struct{}{}:
		defer func() { <-sess.sem }()
	case <-ctx.Done():
		return params.Value{}, ctx.Err()
	}
	now := s.o.Now().Round(0)                                                                              // the monotonic clock stands still while Lambda freezes the environment
	if sess.last != nil && sess.token != nil && now.Before(sess.next) && sess.next.Sub(now) <= sess.wait { // more is left if the clock was set back
		return *sess.last, nil
	}
	if sess.token == nil || now.Sub(sess.started) >= maxSession {
		if err := s.start(ctx, sess, profile, now); err != nil {
			return params.Value{}, err
		}
	}
	token := sess.token
	sess.token = nil // a token is for one call, even if the call fails
	out, err := s.client().GetLatestConfiguration(ctx, &appconfigdata.GetLatestConfigurationInput{ConfigurationToken: token})
	if err != nil {
		return params.Value{}, kind.Of(err)
	}
	if aws.ToString(out.NextPollConfigurationToken) != "" {
		sess.token = out.NextPollConfigurationToken
	}
	sess.wait = time.Duration(out.NextPollIntervalInSeconds) * time.Second
	sess.next = s.o.Now().Round(0).Add(sess.wait) // the service counts from the call, which the SDK may have repeated
	// An empty answer means that the configuration has not changed since the last answer of the
	// session. The first answer is the configuration, even if it is empty.
	if len(out.Configuration) > 0 || sess.last == nil {
		sess.last = &params.Value{Text: string(out.Configuration), Version: aws.ToString(out.VersionLabel)}
	}
	return *sess.last, nil
}

// CachedElsewhere implements params.Fixed.
func (s *Source) CachedElsewhere() string {
	return "the session with AppConfig, for the service's poll interval"
}

func (s *Source) session(profile string) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sess := s.sessions[profile]
	if sess == nil {
		if len(s.sessions) == maxProfiles {
			return nil, errors.New("appconfigapi: too many profiles")
		}
		sess = &session{sem: make(chan struct{}, 1)}
		s.sessions[profile] = sess
	}
	return sess, nil
}

// start starts a session. Its first answer is the whole configuration.
func (s *Source) start(ctx context.Context, sess *session, profile string, now time.Time) error {
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
	sess.token, sess.started, sess.last = out.InitialConfigurationToken, now, nil
	return nil
}

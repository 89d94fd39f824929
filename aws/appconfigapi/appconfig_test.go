package appconfigapi_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appconfigdata"

	"github.com/lambdakit/lambdakit/aws/appconfigapi"
)

// service stands in for AppConfig: it wants each token once, and in turn.
type service struct {
	t        *testing.T
	contents []string // of the calls to come
	lose     bool     // the next answer
	sessions int
	token    string
	calls    []string
}

func (s *service) StartConfigurationSession(_ context.Context, in *appconfigdata.StartConfigurationSessionInput, _ ...func(*appconfigdata.Options)) (*appconfigdata.StartConfigurationSessionOutput, error) {
	s.sessions++
	s.calls = append(s.calls, fmt.Sprint("start ", *in.ApplicationIdentifier, "/", *in.EnvironmentIdentifier, "/", *in.ConfigurationProfileIdentifier))
	s.token = fmt.Sprint("session ", s.sessions)
	return &appconfigdata.StartConfigurationSessionOutput{InitialConfigurationToken: &s.token}, nil
}

func (s *service) GetLatestConfiguration(_ context.Context, in *appconfigdata.GetLatestConfigurationInput, _ ...func(*appconfigdata.Options)) (*appconfigdata.GetLatestConfigurationOutput, error) {
	s.calls = append(s.calls, "get "+*in.ConfigurationToken)
	if *in.ConfigurationToken != s.token {
		s.t.Errorf("got token %q, want %q", *in.ConfigurationToken, s.token)
	}
	if s.lose {
		s.lose, s.token = false, "used"
		return nil, errors.New("connection reset")
	}
	next := s.token + "+"
	s.token = next
	out := &appconfigdata.GetLatestConfigurationOutput{NextPollConfigurationToken: aws.String(next), NextPollIntervalInSeconds: 60}
	if len(s.contents) > 0 {
		out.Configuration = []byte(s.contents[0])
		s.contents = s.contents[1:]
	}
	return out, nil
}

func TestSessions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{t: t, contents: []string{"one", "", "two", "", "three"}}
		source := appconfigapi.New(s, "shop", "prod", nil)
		get := func(want string, fails bool) {
			t.Helper()
			v, err := source.Fetch(t.Context(), "flags")
			if v.Text != want || (err != nil) != fails {
				t.Errorf("got %q, %v, want %q, error %t", v.Text, err, want, fails)
			}
		}
		get("one", false)
		get("one", false) // too soon to ask
		time.Sleep(time.Minute)
		get("one", false) // unchanged
		time.Sleep(time.Minute)
		get("two", false)
		time.Sleep(time.Minute)
		s.lose = true
		get("", true)
		get("", false) // a new session, whose first answer is the configuration, empty as it is
		time.Sleep(23*time.Hour + 50*time.Minute)
		get("three", false)
		want := []string{"start shop/prod/flags", "get session 1", "get session 1+", "get session 1++", "get session 1+++",
			"start shop/prod/flags", "get session 2", "start shop/prod/flags", "get session 3"}
		if !slices.Equal(s.calls, want) {
			t.Errorf("got calls %q, want %q", s.calls, want)
		}
	})
}

func TestApplication(t *testing.T) {
	s := &service{t: t, contents: []string{"x"}}
	if _, err := appconfigapi.New(s, "", "prod", nil).Fetch(t.Context(), "flags"); err == nil {
		t.Error("got no error, want one for the missing application")
	}
	t.Setenv("POWERTOOLS_SERVICE_NAME", "orders")
	if v, err := appconfigapi.New(s, "", "prod", nil).Fetch(t.Context(), "flags"); err != nil || v.Text != "x" || s.calls[0] != "start orders/prod/flags" {
		t.Errorf("got %v, %v, calls %v, want x of orders/prod/flags", v, err, s.calls)
	}
}

package appconfigapi_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appconfigdata"
	"github.com/aws/aws-sdk-go-v2/service/appconfigdata/types"

	"github.com/lambdakit/lambdakit/aws/appconfigapi"
)

// impatient is a service that refuses calls before the end of its interval. It starts sessions slowly, as after
// a cold start.
type impatient struct {
	last   time.Time
	starts int
	gets   int
}

const interval = time.Minute

func (s *impatient) StartConfigurationSession(context.Context, *appconfigdata.StartConfigurationSessionInput, ...func(*appconfigdata.Options)) (*appconfigdata.StartConfigurationSessionOutput, error) {
	s.starts++
	time.Sleep(600 * time.Millisecond)
	s.last = time.Time{}
	return &appconfigdata.StartConfigurationSessionOutput{InitialConfigurationToken: aws.String("t")}, nil
}

func (s *impatient) GetLatestConfiguration(context.Context, *appconfigdata.GetLatestConfigurationInput, ...func(*appconfigdata.Options)) (*appconfigdata.GetLatestConfigurationOutput, error) {
	s.gets++
	if !s.last.IsZero() && time.Since(s.last) < interval {
		return nil, &types.BadRequestException{Message: aws.String(string(types.InvalidParameterProblemPollIntervalNotSatisfied))}
	}
	s.last = time.Now()
	return &appconfigdata.GetLatestConfigurationOutput{Configuration: []byte("v"), NextPollConfigurationToken: aws.String("t"), NextPollIntervalInSeconds: int32(interval / time.Second)}, nil
}

func TestFetch_TheIntervalBeginsWithTheAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(impatient)
		source := appconfigapi.New(s, "shop", "prod", nil)
		for start := time.Now(); time.Since(start) < 3*interval; time.Sleep(100 * time.Millisecond) {
			if _, err := source.Fetch(t.Context(), "flags"); err != nil {
				t.Errorf("after %v: got %v, want no error", time.Since(start), err)
			}
		}
		if s.starts != 1 || s.gets != 3 {
			t.Errorf("got %d sessions and %d calls, want 1 and 3", s.starts, s.gets)
		}
	})
}

// A clock that was fast and is corrected must not stop the calls.
func TestFetch_AClockThatIsSetBack(t *testing.T) {
	t.Parallel()
	s := &scripted{interval: 60}
	now := time.Unix(1e9, 0)
	source := appconfigapi.New(s, "shop", "prod", &appconfigapi.Options{Now: func() time.Time { return now }})
	for i, change := range []time.Duration{0, -3 * time.Hour, time.Minute} {
		now = now.Add(change)
		if _, err := source.Fetch(t.Context(), "flags"); err != nil || s.gets != i+1 {
			t.Errorf("the clock changed by %v: got %v and %d calls, want %d", change, err, s.gets, i+1)
		}
	}
}

package events_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/lambdatest"
)

type login struct {
	Customer string
	Token    lambdakit.Secret
}

// The receiver would get [redacted] as the token.
func TestPublish_RefusesSecrets(t *testing.T) {
	t.Parallel()
	d := events.Define[login]("shop.users", "LoggedIn")
	var m events.Memory
	err := events.New(&m, nil).Publish(t.Context(), d.New("ann", login{"ann", lambdakit.NewSecret("tok-123")}))
	if err == nil || !strings.Contains(err.Error(), "Reveal") || strings.Contains(err.Error(), "tok-123") || len(m.Entries()) != 0 {
		t.Errorf("got %v and %d entries, want an error that names Reveal", err, len(m.Entries()))
	}
}

// A received secret is kept, but an older version would lose it on its way to the newest one.
func TestMux_ReceivesSecrets(t *testing.T) {
	t.Parallel()
	var got string
	receive := func(_ context.Context, e *events.Event[login]) error {
		got = e.Data.Token.Reveal()
		return nil
	}
	first := events.Define[login]("shop.users", "LoggedIn")
	second := events.Define[login]("shop.users", "LoggedIn", events.Version(2), events.Upcast(1, func(l login) (login, error) { return l, nil }))
	event := func(version int) []byte {
		return lambdatest.SQS("users", fmt.Sprintf(`{"metadata":{"id":"1","source":"shop.users","type":"LoggedIn","version":%d},"data":{"Customer":"ann","Token":"tok-123"}}`, version))
	}
	for _, c := range []struct {
		mux     *events.Mux
		version int
		want    string
	}{
		{events.NewMux(nil, events.On(first, receive)), 1, "tok-123"},
		{events.NewMux(nil, events.On(second, receive)), 2, "tok-123"},
		{events.NewMux(nil, events.On(second, receive)), 1, ""},
	} {
		got = ""
		failed := 0
		if c.want == "" {
			failed = 1
		}
		res := lambdatest.Run(t, c.mux.SQS(nil), event(c.version))
		if got != c.want || len(res.FailedRecords()) != failed {
			t.Errorf("version %d: got %q and %v reported, want %q", c.version, got, res.FailedRecords(), c.want)
		}
	}
}

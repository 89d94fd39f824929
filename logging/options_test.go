package logging_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/lambdatest"
	"github.com/lambdakit/lambdakit/logging"
)

// newReports returns the reports about a Handler with these options.
func newReports(o logging.Options) string {
	var all []string
	o.OnError = func(err error) { all = append(all, err.Error()) }
	if o.Writer == nil {
		o.Writer = io.Discard
	}
	logging.New(&o)
	return strings.Join(all, "; ")
}

// A mistake is reported with the value that is used instead. The last value that is allowed is not reported.
func TestNew_ReportsMistakesInOptions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		o    logging.Options
		want string
	}{
		{logging.Options{MaxLineBytes: 1000}, ""},
		{logging.Options{MaxLineBytes: 999}, "logging: MaxLineBytes 999 is too small for a line; using 1000"},
		{logging.Options{MaxLineBytes: -1}, "logging: MaxLineBytes -1 is too small for a line; using 1000"},
		{logging.Options{SampleRate: new(0.0)}, ""},
		{logging.Options{SampleRate: new(1.0)}, ""},
		{logging.Options{SampleRate: new(1.5)}, "logging: SampleRate 1.5 is not a rate from 0 to 1; sampling is off"},
		{logging.Options{SampleRate: new(-0.5)}, "logging: SampleRate -0.5 is not a rate from 0 to 1; sampling is off"},
		{logging.Options{Buffer: &logging.Buffer{MaxBytes: 1}}, ""},
		{logging.Options{Buffer: &logging.Buffer{MaxBytes: -1}}, "logging: Buffer.MaxBytes -1 is negative; using 20480"},
		{logging.Options{Buffer: &logging.Buffer{Level: slog.LevelError - 1}}, ""},
		{logging.Options{Buffer: &logging.Buffer{Level: slog.LevelError}}, "logging: Buffer.Level ERROR would hold back the lines that release the buffer; using WARN"},
	} {
		if got := newReports(c.o); got != c.want {
			t.Errorf("%+v: got the report %q, want %q", c.o, got, c.want)
		}
	}
}

// Not parallel: the environment is of the whole process.
func TestNew_ReportsLinesThatLambdaDrops(t *testing.T) {
	buffered := func(level slog.Leveler) logging.Options {
		return logging.Options{Buffer: &logging.Buffer{Level: level}}
	}
	const info, debug, all = "AWS_LAMBDA_LOG_LEVEL=INFO", "AWS_LAMBDA_LOG_LEVEL=DEBUG", "AWS_LAMBDA_LOG_LEVEL=TRACE"
	for _, c := range []struct {
		env  string
		o    logging.Options
		want string // before "cannot reach CloudWatch"
	}{
		{info, logging.Options{Level: slog.LevelDebug}, "level DEBUG"},
		{info, logging.Options{Level: slog.LevelInfo}, ""},
		{debug, logging.Options{Level: slog.LevelDebug}, ""},
		{debug, logging.Options{Level: logging.LevelTrace}, "level TRACE"},
		{info, logging.Options{SampleRate: new(0.5)}, "sampling to DEBUG"},
		{info, logging.Options{SampleRate: new(0.0)}, ""},
		{debug, logging.Options{SampleRate: new(0.5)}, ""},
		{all, logging.Options{SampleRate: new(0.5)}, ""},
		{info, buffered(nil), "buffering up to DEBUG"},
		{info, buffered(slog.LevelInfo), ""},
		{debug, buffered(nil), ""},
		{debug, buffered(logging.LevelTrace), "buffering up to TRACE"},
		{"AWS_LAMBDA_LOG_FORMAT=JSON", buffered(nil), "buffering up to DEBUG"},
		{"AWS_LAMBDA_LOG_FORMAT=JSON", logging.Options{SampleRate: new(0.5)}, "sampling to DEBUG"},
		{"AWS_LAMBDA_LOG_FORMAT=Text", buffered(nil), ""},
		{info, logging.Options{Level: slog.LevelDebug, SampleRate: new(0.5), Buffer: &logging.Buffer{}}, "level DEBUG, sampling to DEBUG, buffering up to DEBUG"},
	} {
		t.Run(c.env, func(t *testing.T) {
			name, value, _ := strings.Cut(c.env, "=")
			t.Setenv(name, value)
			got, rest, ok := strings.Cut(strings.TrimPrefix(newReports(c.o), "logging: "), " cannot reach CloudWatch: ")
			if got != c.want || ok != (c.want != "") {
				t.Errorf("%+v: got a report about %q, want %q", c.o, got, c.want)
			}
			if level, _, _ := strings.Cut(value, "J"); ok && level != "" && !strings.Contains(rest, "(AWS_LAMBDA_LOG_LEVEL) is "+level) {
				t.Errorf("%+v: got the reason %q, want the level of the function", c.o, rest)
			}
		})
	}
}

// At the level DEBUG of the function, sampling and the buffer do their work. Not parallel: the
// environment is of the whole process.
func TestNew_TheLevelOfLambdaMayAllowDebug(t *testing.T) {
	t.Setenv("AWS_LAMBDA_LOG_LEVEL", "DEBUG")
	for want, o := range map[string]*logging.Options{
		"DEBUG d; INFO i": {SampleRate: new(1.0), Buffer: &logging.Buffer{Level: slog.LevelInfo}},
		"INFO i":          {Buffer: &logging.Buffer{}},
		"":                {Buffer: &logging.Buffer{Level: slog.LevelInfo}},
	} {
		res := run(t, o, `{}`, func(ctx context.Context, l *slog.Logger) error {
			l.DebugContext(ctx, "d")
			l.InfoContext(ctx, "i")
			return nil
		})
		if got := messages(res); got != want {
			t.Errorf("%+v: got %q, want %q", o, got, want)
		}
	}
}

func TestSetLocation_NamesOfUTC(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "Etc/UTC", "Etc/UCT", "UCT", "Zulu", "Universal"} {
		for offset, want := range map[int]string{0: "1970-01-01T00:00:00.000Z", 3600: "1970-01-01T01:00:00.000+01:00"} {
			var b bytes.Buffer
			h := logging.New(&logging.Options{Writer: &b, Location: time.FixedZone(name, offset)})
			h.Handle(t.Context(), slog.NewRecord(time.Unix(0, 0), slog.LevelInfo, "m", 0))
			if got := lines(t, b.Bytes())[0]["timestamp"]; got != want {
				t.Errorf("%s with the offset %d: got %v, want %s", name, offset, got, want)
			}
		}
	}
}

func TestRedact_TheEmptyNameIsNoName(t *testing.T) {
	t.Parallel()
	l, b := logger(t, logging.Options{Redact: []string{""}})
	l.Info("m", "", "kept", "query", "=kept")
	if got, want := body(t, b), `{"":"kept","query":"=kept"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A line of a sampled invocation needs no failure, not even after the end.
func TestSampling_LinesAfterTheEndAreWritten(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	var kept context.Context
	logs := logging.New(&logging.Options{Writer: &b, SampleRate: new(1.0), Buffer: &logging.Buffer{}})
	lambdatest.Run(t, lambdakit.WrapFunc(func(ctx context.Context) error {
		kept = ctx
		return errors.New("no stock")
	}, logs.Middleware), `{}`)
	b.Reset()
	slog.New(logs).DebugContext(kept, "after the end")
	slog.New(logs).Log(kept, logging.LevelTrace, "below DEBUG")
	if m := lines(t, b.Bytes()); len(m) != 1 || m[0]["message"] != "after the end" {
		t.Errorf("got %s, want the line at DEBUG alone", &b)
	}
}

// Not parallel: the environment is of the whole process.
func TestNew_TheNameOfTheServiceComesFromTheEnvironment(t *testing.T) {
	t.Setenv("POWERTOOLS_SERVICE_NAME", "of the environment")
	for option, want := range map[string]string{"": "of the environment", "of the code": "of the code"} {
		l, b := logger(t, logging.Options{Service: option})
		l.Info("m")
		wantFields(t, lines(t, b.Bytes())[0], "service", want)
	}
}

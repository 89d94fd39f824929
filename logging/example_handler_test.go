package logging_test

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"github.com/lambdakit/lambdakit"
	"github.com/lambdakit/lambdakit/logging"
)

// Lines at DEBUG appear only if the invocation fails, before the line about the failure.
func ExampleBuffer() {
	logs := logging.New(&logging.Options{Buffer: &logging.Buffer{Level: slog.LevelDebug}, ReplaceAttr: brief})
	logger := slog.New(logs)

	charge := lambdakit.WrapFunc(func(ctx context.Context, amount int) error {
		logger.DebugContext(ctx, "charging", "amount", amount)
		if amount > 100 {
			return errors.New("card declined")
		}
		logger.InfoContext(ctx, "charged", "amount", amount)
		return nil
	}, logs.Middleware)
	charge.Invoke(context.Background(), []byte(`12`))
	charge.Invoke(context.Background(), []byte(`120`))
	// Output:
	// {"level":"INFO","message":"charged","amount":12}
	// {"level":"DEBUG","message":"charging","amount":120}
	// {"level":"ERROR","message":"invocation failed","error":{"message":"card declined","type":"*errors.errorString"}}
}

// A Secret never prints its text. Options.Redact does the same for fields by their names, also
// inside values and JSON texts.
func ExampleOptions_redact() {
	logger := slog.New(logging.New(&logging.Options{Redact: []string{"password"}, ReplaceAttr: brief}))

	config := struct {
		Host string
		Key  lambdakit.Secret
	}{"db.example.com", lambdakit.NewSecret("hunter2")}
	logger.Info("configured", "config", config)
	logger.Info("signed in", "body", `{"user":"ada","password":"hunter2"}`)
	// Output:
	// {"level":"INFO","message":"configured","config":{"Host":"db.example.com","Key":"[redacted]"}}
	// {"level":"INFO","message":"signed in","body":"{\"user\":\"ada\",\"password\":\"[redacted]\"}"}
}

// Tee passes records on to another handler, which has its own level and format.
func ExampleOptions_tee() {
	audit := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelWarn, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	logger := slog.New(logging.New(&logging.Options{Tee: audit, ReplaceAttr: brief}))
	logger.Info("signed in", "user", "ada")
	logger.Warn("too many attempts", "user", "eve")
	// Output:
	// {"level":"INFO","message":"signed in","user":"ada"}
	// {"level":"WARN","message":"too many attempts","user":"eve"}
	// level=WARN msg="too many attempts" user=eve
}

// Fatal ends the process, so it is for main, before lambda.Start.
func ExampleHandler_Fatal() {
	logs := logging.New(nil)

	loadConfig := func() (string, error) { return os.Getenv("TABLE_NAME"), nil }
	table, err := loadConfig()
	if err != nil {
		logs.Fatal("load the configuration", "error", err) // one line at FATAL, exit status 1
	}
	_ = table
}

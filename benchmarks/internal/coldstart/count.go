package coldstart

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"

	"github.com/lambdakit/lambdakit/benchmarks/internal/counting"
)

// CountStart counts the start of a function, from its exec until it asks for its first event. It then
// exits, because the Runtime API refuses to answer.
func CountStart(ctx context.Context, b Binary) (counting.Counts, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return counting.Counts{}, fmt.Errorf("coldstart: %w", err)
	}
	api := &http.Server{Handler: http.HandlerFunc(refuse)}
	go api.Serve(l)
	defer api.Close()
	counts, err := counting.Run(ctx, 1, func(ctx context.Context) *exec.Cmd {
		cmd := exec.CommandContext(ctx, b.Path)
		cmd.Env = append(os.Environ(), "AWS_LAMBDA_RUNTIME_API="+l.Addr().String(), "AWS_LAMBDA_FUNCTION_NAME=orders-prod",
			"AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128", "AWS_REGION=us-east-1")
		return cmd
	})
	if err != nil {
		return counts, fmt.Errorf("coldstart: function %s: %w", b.Name, err)
	}
	return counts, nil
}

// refuse is a Runtime API without events. An extension may register.
func refuse(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/extension/register"):
		w.Header().Set("Lambda-Extension-Identifier", "1")
	case strings.HasSuffix(r.URL.Path, "/extension/event/next"):
		<-r.Context().Done()
	default:
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// Command lambdakit runs Lambda functions written in Go on this machine.
//
//	lambdakit run [flags] PACKAGE
//
// builds the function in PACKAGE, a directory or an import path, starts it with an
// emulated Lambda Runtime API and a stand-in for Lambda's X-Ray daemon, sends it
// events, and shows what came of them: log lines, metrics, traces, the response, and
// a report like Lambda's. The function needs nothing of lambdakit's.
//
// Run "lambdakit run -h" for the flags. The exit status is 1 when an invocation
// failed, and 2 when there was none.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const usage = `usage: lambdakit run [flags] PACKAGE

Runs the Lambda function in PACKAGE on this machine; lambdakit run -h lists the flags.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	status := command(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// command runs a command line and returns its exit status.
func command(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return 2
	}
	switch args[0] {
	case "run":
		return runCommand(ctx, args[1:], stdin, stdout, stderr)
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, usage)
		return 0
	}
	fmt.Fprintf(stderr, "lambdakit: unknown command %q\n%s", args[0], usage)
	return 2
}

// Command lambdakit runs Lambda functions written in Go on this machine, makes their dashboards and
// alarms, and checks the schemas of events.
//
//	lambdakit run [flags] PACKAGE
//
// builds and starts the function in PACKAGE, a directory or an import path. It emulates the Lambda
// Runtime API and Lambda's X-Ray daemon, and sends events to the function. It shows log lines,
// metrics, traces, the response, and a report like Lambda's. The function does not need to use
// lambdakit.
//
// The function runs in the folder of its package. It gets the environment of this process. AWS
// credentials are replaced by dummies, unless -aws-credentials is given. Control characters in its
// output are shown as escapes, such as \x1b. Metrics that CloudWatch would refuse are marked with
// the reason.
//
// With -view the tool serves a page that shows the invocations: traces, log lines, metrics, events and
// responses. The page can send events. It needs the token in the printed URL.
//
// With -watch the tool builds the function again when a file changes. With -attach it builds nothing, and
// serves the Runtime API for a function that an editor or a debugger starts.
//
// With -serve the command serves Lambda's operations Invoke and InvokeWithResponseStream. It
// refuses requests from web pages of other origins. It also refuses requests to a host name other
// than localhost and its addresses, unless -allow-host names the host.
//
// With -http the tool is an HTTP front end of Lambda: a function URL, API Gateway, a load balancer or
// VPC Lattice. It turns requests into events, and answers into responses. It refuses the same requests
// as with -serve.
//
// With -queue the tool reads messages and plays the event source mapping of an SQS queue,
// a Kinesis or DynamoDB stream, or a Kafka topic: batches, partial responses, visibility
// timeouts, message groups, checkpoints, dead letters. At the end it shows a table of the
// messages. See docs/runner.md.
//
// With -events the events that the function publishes with package events come back to the function, as
// messages of queues: -events billing, or -events billing=OrderConfirmed for some types. It works with -event,
// -queue, -http and -serve.
//
// Run "lambdakit run -h" for the flags. The exit status is 1 if an invocation failed or was marked
// by Invocation.Fail, and 2 if the command could not run the function. With -queue it is 1 if a
// message is not done.
//
//	lambdakit cloudwatch [flags] PACKAGE
//
// runs the function as lambdakit run does, and writes a CloudFormation or Terraform file with a
// dashboard, alarms and saved queries for the metrics and log fields that the function wrote. With
// -check FILE it tells whether a committed file is up to date. The exit status is 1 if it is not, and 2
// if the command could not run the function. See docs/cloudwatch.md.
//
//	lambdakit events check [flags] OLD NEW
//
// tells whether a change of the schema of an event is compatible, and lists the changes that are not.
// OLD and NEW are files with JSON Schemas, or folders. Folders are compared file by file: a file that
// was removed is a break, unless there is a newer version of the event, and an added one is not. The exit status is 1 if the change does not have the
// compatibility of -require, and 2 if the files cannot be compared. See package events/schema.
//
//	lambdakit events schema [flags] [PACKAGES]
//
// writes the schemas of the events that packages define, ./... by default, into the folder schemas:
// a file SOURCE.TYPE.vN.json for each definition in a package-level variable or an init function. It
// includes the definitions of imported packages. The go command builds each package that imports
// package events as a test without tests, and runs it until the package is initialised. main does
// not run. Nothing of the module is changed.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

const usage = `usage: lambdakit run [flags] PACKAGE
       lambdakit cloudwatch [flags] PACKAGE
       lambdakit events check [flags] OLD NEW
       lambdakit events schema [flags] [PACKAGES]
       lambdakit version

run runs the Lambda function in PACKAGE on this machine. cloudwatch writes its dashboard, alarms and
queries. events check tells whether schemas of events
changed compatibly, and events schema writes the schemas of the events that packages define.
lambdakit run -h, lambdakit cloudwatch -h, lambdakit events check -h and lambdakit events schema -h list
the flags.
`

func main() { os.Exit(run(build)) }

// builder builds the package pkg into the folder tmp.
type builder func(ctx context.Context, pkg, tmp string, stderr io.Writer, flags ...string) (*function, error)

// run runs the command line of this process and returns its exit status.
func run(b builder) int {
	// Otherwise a write to a closed pipe ends the process before it has cleaned up.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	return (&cli{os.Stdin, os.Stdout, os.Stderr, b}).command(ctx, os.Args[1:])
}

// cli is the command line tool and its surroundings.
type cli struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	build          builder
}

// command runs a command line and returns its exit status.
func (c *cli) command(ctx context.Context, args []string) int {
	if len(args) == 0 {
		fmt.Fprint(c.stderr, usage)
		return 2
	}
	switch args[0] {
	case "run":
		return c.run(ctx, args[1:])
	case "cloudwatch":
		return c.cloudwatch(ctx, args[1:])
	case "events":
		return c.events(ctx, args[1:])
	case "version", "-version", "--version":
		fmt.Fprintf(c.stdout, "lambdakit %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return 0
	case "help", "-h", "-help", "--help":
		fmt.Fprint(c.stdout, usage)
		return 0
	}
	fmt.Fprintf(c.stderr, "lambdakit: unknown command %q\n%s", args[0], usage)
	return 2
}

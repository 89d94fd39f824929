package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/lambdakit/lambdakit/internal/emulator"
	"github.com/lambdakit/lambdakit/internal/httpevent"
)

// options are the flags of lambdakit run.
type options struct {
	pkg         string
	events      list
	n           int
	concurrency int
	timeout     time.Duration
	memory      int
	env         list
	credentials bool
	raw         bool
	freeze      bool
	serve       string
	http        string
	httpKind    string
	httpClaims  list
	front       httpevent.Front // of -http
	allowHosts  list
	origins     list
	queue       queueOptions
	published   publishedOptions
	view        viewOptions
	watch       bool
	resend      bool
	attach      string

	stderr io.Writer // gets what the function writes to standard error, besides the screen; nil: none
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func parseFlags(args []string, stderr io.Writer) (*options, error) {
	o := new(options)
	fs := flag.NewFlagSet("lambdakit run", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprintln(stderr, "usage: lambdakit run [flags] PACKAGE")
		fs.PrintDefaults()
	}
	fs.Var(&o.events, "event", "`file` with an event, - for standard input; may be repeated (default: event.json of the package)")
	fs.IntVar(&o.n, "n", 1, "how often each event is sent")
	fs.IntVar(&o.concurrency, "concurrency", 1, "invocations at once in one process; above 1 as on Lambda Managed Instances")
	fs.DurationVar(&o.timeout, "timeout", 3*time.Second, "of an invocation")
	fs.IntVar(&o.memory, "memory", 128, "memory that the function is told it has, in MB")
	fs.Var(&o.env, "env", "`K=V` for the function's environment; may be repeated")
	fs.BoolVar(&o.credentials, "aws-credentials", false, "pass the AWS credentials of this shell to the function, which gets dummies otherwise")
	fs.BoolVar(&o.freeze, "freeze", false, "stop the function between invocations, as Lambda freezes an execution environment")
	fs.BoolVar(&o.raw, "raw", false, "standard output carries exactly the bytes that the function writes there, control characters too; everything else goes to standard error")
	fs.StringVar(&o.serve, "serve", "", "stay up and take events at `address`, such as :9001 on this machine alone: POST /2015-03-31/functions/function/invocations")
	fs.Var(&o.allowHosts, "allow-host", "`name` by which requests may reach -serve and -http, besides localhost and its addresses; may be repeated")
	fs.Var(&o.origins, "allow-origin", "`origin` of web pages that may send requests to -http, such as http://localhost:5173; may be repeated")
	fs.StringVar(&o.http, "http", "", "stay up and take HTTP requests at `address`, such as :8080 on this machine alone: the function gets them as behind a front end of Lambda")
	fs.StringVar(&o.httpKind, "http-kind", "url", "with -http, the `kind` of the front end: url, rest, httpapi, httpapi1, alb, alb-multi, lattice or lattice1")
	fs.Var(&o.httpClaims, "http-claim", "with -http, `K=V` of the token of each request, as API Gateway passes it after an authorizer; may be repeated")
	fs.BoolVar(&o.view.on, "view", false, "serve a page that shows the invocations and sends events, and stay up")
	fs.StringVar(&o.view.address, "view-addr", "127.0.0.1:0", "`address` of the page")
	fs.BoolVar(&o.view.open, "open", true, "with -view on a terminal, open the page in the browser")
	fs.BoolVar(&o.watch, "watch", false, "stay up, and build the function again when a file changes; without -view, -serve and -http the events are sent again, too")
	fs.BoolVar(&o.resend, "resend", false, "with -watch, always send the events again")
	fs.StringVar(&o.attach, "attach", "", "stay up, build nothing, and serve the Runtime API at `address`, such as :9002, for a function that an editor starts")
	o.queue.add(fs)
	o.published.add(fs)
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	complain := func(format string, a ...any) (*options, error) {
		err := fmt.Errorf(format, a...)
		fmt.Fprintf(stderr, "lambdakit run: %v\n", err)
		fs.Usage()
		return nil, err
	}
	switch {
	case fs.NArg() == 0:
		return complain("which package?")
	case fs.NArg() > 1:
		return complain("one package at a time, and flags before it; got %q", fs.Args())
	case o.n < 1:
		return complain("-n %d is not a positive number", o.n)
	case o.concurrency < 1:
		return complain("-concurrency %d is not a positive number", o.concurrency)
	case o.timeout <= 0:
		return complain("-timeout %v is not a positive duration", o.timeout)
	case o.memory < 1:
		return complain("-memory %d is not a positive number", o.memory)
	}
	if o.freeze && o.concurrency > 1 {
		return complain("-freeze and -concurrency above 1 exclude each other: Lambda does not freeze such an environment")
	}
	for _, kv := range o.env {
		if name, _, ok := strings.Cut(kv, "="); !ok || name == "" {
			return complain("-env %q is not of the form K=V", kv)
		}
	}
	for _, host := range o.allowHosts {
		if host == "" || strings.ContainsAny(host, "/:*") && net.ParseIP(strings.Trim(host, "[]")) == nil {
			return complain("-allow-host %q is not a host name or an IP address without a port", host)
		}
	}
	for _, origin := range o.origins {
		if err := http.NewCrossOriginProtection().AddTrustedOrigin(origin); err != nil {
			return complain("-allow-origin %q is not of the form http://HOST:PORT", origin)
		}
	}
	given := make(map[string]bool)
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if err := o.checkHTTP(given); err != nil {
		return complain("%w", err)
	}
	if err := o.checkView(given); err != nil {
		return complain("%w", err)
	}
	if err := o.queue.check(given, o.timeout); err != nil {
		return complain("%w", err)
	}
	if err := o.published.check(given); err != nil {
		return complain("%w", err)
	}
	o.pkg = fs.Arg(0)
	return o, nil
}

// checkHTTP completes the flags of -http.
func (o *options) checkHTTP(given map[string]bool) (err error) {
	switch {
	case !given["http"] && given["http-kind"]:
		return errors.New("-http-kind needs -http")
	case !given["http"] && given["http-claim"]:
		return errors.New("-http-claim needs -http")
	case !given["http"] && given["allow-origin"]:
		return errors.New("-allow-origin needs -http")
	case given["http"] && o.http == "":
		return errors.New("-http names no address")
	case given["http"] && given["serve"]:
		return errors.New("-http and -serve exclude each other")
	}
	if o.front, err = httpevent.Parse(o.httpKind); err != nil {
		return fmt.Errorf("-http-kind %w", err)
	}
	if given["http-claim"] && !o.front.HasClaims() {
		return fmt.Errorf("-http-claim needs API Gateway: -http-kind httpapi, httpapi1 or rest; got %s", o.httpKind)
	}
	for _, kv := range o.httpClaims {
		name, value, ok := strings.Cut(kv, "=")
		if !ok || name == "" {
			return fmt.Errorf("-http-claim %q is not of the form K=V", kv)
		}
		if o.front.Claims == nil {
			o.front.Claims = make(map[string]string)
		}
		o.front.Claims[name] = value
	}
	return nil
}

// checkView checks the flags of a run with a page, with changes, or with an editor.
func (o *options) checkView(given map[string]bool) error {
	for _, name := range []string{"view-addr", "open"} {
		if given[name] && !o.view.on {
			return fmt.Errorf("-%s needs -view", name)
		}
	}
	switch {
	case o.view.on && o.raw:
		return errors.New("-view and -raw exclude each other")
	case o.resend && !o.watch:
		return errors.New("-resend needs -watch")
	case given["attach"] && o.attach == "":
		return errors.New("-attach names no address")
	case o.watch && o.queue.file != "":
		return errors.New("-watch and -queue exclude each other")
	}
	if o.attach != "" {
		for _, name := range []string{"watch", "freeze", "raw", "timeout", "concurrency"} {
			if given[name] {
				return fmt.Errorf("-attach and -%s exclude each other: the editor has the process", name)
			}
		}
	}
	return nil
}

// serves reports whether the function gets its events from others.
func (o *options) serves() bool { return o.serve != "" || o.http != "" || o.view.on }

// stays reports whether the run goes on until it is interrupted.
func (o *options) stays() bool { return o.serves() || o.watch || o.attach != "" }

// eventFiles returns the files of -event.
func (o *options) eventFiles() []string {
	return slices.DeleteFunc(slices.Clone(o.events), func(f string) bool { return f == "-" })
}

// event is one to send.
type event struct {
	name    string
	payload []byte
}

// readEvents reads the files of -event, or event.json beside the function.
func (o *options) readEvents(dir string, stdin io.Reader) ([]event, error) {
	files := o.events
	if len(files) == 0 {
		name := filepath.Join(dir, "event.json")
		if o.queue.file != "" || o.serves() && !o.resend {
			return nil, nil
		}
		if _, err := os.Stat(name); err != nil && o.attach != "" {
			return nil, nil
		}
		files = list{name}
	}
	var events []event
	for _, f := range files {
		var payload []byte
		var err error
		name := filepath.Base(f)
		if f == "-" {
			name = "standard input"
			payload, err = io.ReadAll(stdin)
		} else {
			payload, err = os.ReadFile(f)
		}
		switch {
		case os.IsNotExist(err) && len(o.events) == 0:
			return nil, fmt.Errorf("there is no %s; name the event's file with -event", f)
		case err != nil:
			return nil, err
		case len(payload) == 0:
			return nil, fmt.Errorf("%s is empty: an event is JSON, such as {}", f)
		}
		var refused *emulator.RequestError
		if errors.As(emulator.CheckEvent(payload), &refused) {
			return nil, fmt.Errorf("the event %s would be refused by Lambda: %s", f, refused.Message)
		}
		events = append(events, event{name, payload})
	}
	return events, nil
}

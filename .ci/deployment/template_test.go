package deployment

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// root is the directory of the repository.
const root = "../.."

// examples returns the templates of the examples by the name of their directory.
func examples(t *testing.T) map[string]*Template {
	t.Helper()
	paths, err := filepath.Glob(root + "/examples/*/main.go")
	if err != nil || len(paths) < 6 {
		t.Fatalf("got the examples %v and error %v, want six or more", paths, err)
	}
	found := map[string]*Template{}
	for _, p := range paths {
		dir := filepath.Dir(p)
		template, err := Load(dir + "/template.yaml")
		if err != nil {
			t.Fatal(err)
		}
		found[filepath.Base(dir)] = template
	}
	return found
}

// each runs a test of each template.
func each(t *testing.T, f func(t *testing.T, template *Template)) {
	t.Helper()
	for name, template := range examples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, template)
		})
	}
}

var comment = regexp.MustCompile(`(?m)^#   (\w+): +(\S.*)$`)

// The first lines of a template say how it is built, deployed, called, watched and removed.
func TestTemplate_FiveCommands(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, template *Template) {
		head, _, _ := strings.Cut(template.Text, "AWSTemplateFormatVersion")
		var got []string
		for _, m := range comment.FindAllStringSubmatch(head, -1) {
			got = append(got, m[1])
		}
		if want := []string{"build", "deploy", "call", "watch", "remove"}; !slices.Equal(got, want) {
			t.Errorf("got the commands %v, want %v", got, want)
		}
	})
}

func TestTemplate_Functions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, template *Template) {
		names := template.Of("AWS::Serverless::Function")
		if len(names) == 0 {
			t.Fatal("got no function")
		}
		for _, name := range names {
			f := template.Function(name)
			for property, want := range map[string]any{
				"Runtime": "provided.al2023", "Handler": "bootstrap", "Tracing": "Active", "Architectures": []any{"arm64"},
			} {
				if got := f[property]; fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s: got %s %v, want %v", name, property, got, want)
				}
			}
			if got := template.Resources[name].Metadata["BuildMethod"]; got != "go1.x" {
				t.Errorf("%s: got BuildMethod %v, want go1.x", name, got)
			}
			if timeout, ok := f["Timeout"].(int); !ok || timeout < 1 || f["MemorySize"] == nil {
				t.Errorf("%s: got Timeout %v and MemorySize %v, want both", name, f["Timeout"], f["MemorySize"])
			}
			if role := template.Resources[Referred(f["Role"])]; role.Type != "AWS::IAM::Role" {
				t.Errorf("%s: got role %v, want a role of the template, because SAM's own has wildcards", name, f["Role"])
			}
			logging := object(f, "LoggingConfig")
			if logging["LogFormat"] != "JSON" || logging["SystemLogLevel"] != "INFO" || logging["ApplicationLogLevel"] == nil {
				t.Errorf("%s: got LoggingConfig %v, want JSON, the system level INFO and an application level", name, logging)
			}
			group := template.Resources[Referred(logging["LogGroup"])]
			if group.Type != "AWS::Logs::LogGroup" || group.Properties["RetentionInDays"] != 30 {
				t.Errorf("%s: got the log group %+v, want one of the template with a retention of 30 days", name, group)
			}
		}
		for _, output := range []string{"LogGroup"} {
			if template.Outputs[output] == nil {
				t.Errorf("got outputs %v, want %s", template.Outputs, output)
			}
		}
	})
}

// The validator does not know all properties of SAM.
func TestTemplate_SAMProperties(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, template *Template) {
		for _, problem := range template.SAMProblems() {
			t.Error(problem)
		}
	})
}

// The check finds what it is for.
func TestTemplate_SAMProblemsAreFound(t *testing.T) {
	t.Parallel()
	text := read(t, root+"/examples/payments/template.yaml")
	for old, wrong := range map[string]string{
		"MemorySize":         "Memory",
		"LogFormat: JSON":    "LogFormat: XML",
		"LogFormat":          "Format",
		"MaximumConcurrency": "Maximum",
		"BatchSize":          "Size",
		"Tracing: Active":    "Tracing: Activ",
		"Type: Canary":       "Kind: Canary",
		"Type: SQS":          "Type: MQ",
	} {
		if !strings.Contains(text, old) {
			t.Fatalf("got no %s in the template", old)
		}
		path := t.TempDir() + "/template.yaml"
		if err := os.WriteFile(path, []byte(strings.Replace(text, old, wrong, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		template, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := template.SAMProblems(); len(got) != 1 {
			t.Errorf("%s: got the problems %q, want one", wrong, got)
		}
	}
}

// Lambda drops lines below the level. A function that holds DEBUG lines back needs DEBUG.
func TestTemplate_LevelOfBufferedLines(t *testing.T) {
	t.Parallel()
	for name, template := range examples(t) {
		want := "INFO"
		if strings.Contains(source(t, root+"/examples/"+name), "logging.Buffer{") {
			want = "DEBUG"
		}
		for _, f := range template.Of("AWS::Serverless::Function") {
			if got := object(template.Function(f), "LoggingConfig")["ApplicationLogLevel"]; got != want {
				t.Errorf("%s: got ApplicationLogLevel %v of %s, want %s", name, got, f, want)
			}
		}
	}
}

// The environment variables of a template are the ones that the program reads.
func TestTemplate_Variables(t *testing.T) {
	t.Parallel()
	for name, template := range examples(t) {
		code := source(t, root+"/examples/"+name)
		set := map[string]bool{}
		for _, f := range template.Of("AWS::Serverless::Function") {
			for variable := range object(template.Resources[f].Properties, "Environment", "Variables") {
				set[variable] = true
			}
		}
		for variable := range object(template.Globals, "Function", "Environment", "Variables") {
			set[variable] = true
		}
		for variable := range set {
			if !strings.Contains(code, `"`+variable+`"`) && !strings.Contains(code, "${"+variable+":") {
				t.Errorf("%s: got the variable %s, and the program does not read it", name, variable)
			}
		}
		if table := strings.Contains(code, `"IDEMPOTENCY_TABLE"`); table != set["IDEMPOTENCY_TABLE"] {
			t.Errorf("%s: got IDEMPOTENCY_TABLE set: %v, read: %v", name, set["IDEMPOTENCY_TABLE"], table)
		}
	}
}

// The tables of idempotency have the key and the attribute of package dynamodbstore, and stay if a
// stack is removed.
func TestTemplate_Tables(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, template *Template) {
		for _, f := range template.Of("AWS::Serverless::Function") {
			variable := object(template.Function(f), "Environment", "Variables")["IDEMPOTENCY_TABLE"]
			if variable == nil {
				continue
			}
			table := template.Resources[Referred(variable)]
			if got, want := fmt.Sprint(table.Properties["KeySchema"]), "[map[AttributeName:id KeyType:HASH]]"; got != want {
				t.Errorf("got the key %s, want %s", got, want)
			}
			if got, want := fmt.Sprint(table.Properties["TimeToLiveSpecification"]), "map[AttributeName:expiration Enabled:true]"; got != want {
				t.Errorf("got the time to live %s, want %s", got, want)
			}
			if table.Properties["BillingMode"] != "PAY_PER_REQUEST" || table.Deletion != "Retain" {
				t.Errorf("got %v and DeletionPolicy %q, want PAY_PER_REQUEST and Retain", table.Properties["BillingMode"], table.Deletion)
			}
		}
	})
}

// A queue gives a function the time of six timeouts, keeps what fails, and does not flood it.
func TestTemplate_EventSources(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, template *Template) {
		for _, name := range template.Of("AWS::Serverless::Function") {
			f := template.Function(name)
			for event, e := range object(f, "Events") {
				e := e.(map[string]any)
				p := object(e, "Properties")
				kind := e["Type"]
				if kind != "SQS" && kind != "DynamoDB" && kind != "Kinesis" {
					continue
				}
				if got := fmt.Sprint(p["FunctionResponseTypes"]); got != "[ReportBatchItemFailures]" {
					t.Errorf("%s: got FunctionResponseTypes %s, want ReportBatchItemFailures", event, got)
				}
				if kind != "SQS" {
					dead := template.Resources[Referred(object(p, "DestinationConfig", "OnFailure")["Destination"])]
					if dead.Type != "AWS::SQS::Queue" || p["MaximumRetryAttempts"] == nil {
						t.Errorf("%s: got MaximumRetryAttempts %v and a destination %v, want both", event, p["MaximumRetryAttempts"], dead.Type)
					}
					continue
				}
				queue := template.Resources[Referred(p["Queue"])].Properties
				timeout, _ := f["Timeout"].(int)
				if got := queue["VisibilityTimeout"]; got != 6*timeout {
					t.Errorf("%s: got VisibilityTimeout %v, want 6 x %d s", event, got, timeout)
				}
				if got, ok := object(p, "ScalingConfig")["MaximumConcurrency"].(int); !ok || got < 2 {
					t.Errorf("%s: got MaximumConcurrency %d, want 2 or more", event, got)
				}
				redrive := object(queue, "RedrivePolicy")
				dead := template.Resources[Referred(redrive["deadLetterTargetArn"])]
				if dead.Properties["MessageRetentionPeriod"] != 14*24*60*60 {
					t.Errorf("%s: got the dead-letter queue %v, want one that keeps messages for 14 days", event, dead.Properties)
				}
				if attempts, _ := redrive["maxReceiveCount"].(int); attempts < 5 {
					t.Errorf("%s: got maxReceiveCount %d, want 5 or more, as AWS recommends", event, attempts)
				}
			}
		}
	})
}

// The validator does not compare these figures.
func TestTemplate_Alarms(t *testing.T) {
	t.Parallel()
	alarms := 0
	for name, template := range examples(t) {
		for _, a := range template.Of("AWS::CloudWatch::Alarm") {
			alarms++
			for _, problem := range AlarmProblems(template.Resources[a].Properties) {
				t.Errorf("%s: %s: %s", name, a, problem)
			}
		}
	}
	if alarms < 4 {
		t.Errorf("got %d alarms, want 4 or more", alarms)
	}
}

// The checks find what they are for.
func TestAlarmProblems(t *testing.T) {
	t.Parallel()
	good := func() map[string]any {
		return map[string]any{"EvaluationPeriods": 3, "DatapointsToAlarm": 2, "Period": 60, "TreatMissingData": "notBreaching"}
	}
	if got := AlarmProblems(good()); len(got) != 0 {
		t.Errorf("got %v of a good alarm, want none", got)
	}
	for property, bad := range map[string]any{"DatapointsToAlarm": 4, "Period": 45, "EvaluationPeriods": nil, "TreatMissingData": nil} {
		alarm := good()
		alarm[property] = bad
		if got := AlarmProblems(alarm); len(got) != 1 {
			t.Errorf("%s %v: got the problems %v, want one", property, bad, got)
		}
	}
	inMetrics := map[string]any{"EvaluationPeriods": 1, "TreatMissingData": "notBreaching", "Metrics": []any{
		map[string]any{"MetricStat": map[string]any{"Period": 61}},
	}}
	if got := AlarmProblems(inMetrics); len(got) != 1 {
		t.Errorf("got the problems %v of a Period in a metric, want one", got)
	}
}

// A new version that fails is taken back.
func TestTemplate_Canary(t *testing.T) {
	t.Parallel()
	f := examples(t)["payments"].Function("Payments")
	preference := object(f, "DeploymentPreference")
	if f["AutoPublishAlias"] == nil || preference["Type"] != "Canary10Percent5Minutes" {
		t.Errorf("got AutoPublishAlias %v and DeploymentPreference %v, want a canary", f["AutoPublishAlias"], preference)
	}
	template := examples(t)["payments"]
	watched := list(preference["Alarms"])
	for _, a := range watched {
		if got := template.Resources[Referred(a)].Type; got != "AWS::CloudWatch::Alarm" {
			t.Errorf("got %v as alarm of the canary, want an alarm of the template", a)
		}
	}
	if len(watched) < 2 {
		t.Errorf("got the alarms %v, want one for crashes and one for failed messages", watched)
	}
}

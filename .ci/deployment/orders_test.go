package deployment

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The forms of the deployment of examples/orders are the same deployment.

func terraform(t *testing.T) *Configuration {
	t.Helper()
	c, err := LoadTerraform(root + "/examples/orders/terraform")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func provider(t *testing.T) Provider {
	t.Helper()
	var p Provider
	if err := json.Unmarshal([]byte(read(t, "testdata/aws_provider.json")), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTerraform_ArgumentsAndReferences(t *testing.T) {
	t.Parallel()
	for _, problem := range terraform(t).Problems(provider(t)) {
		t.Error(problem)
	}
}

// The check finds what it is for.
func TestTerraform_ProblemsAreFound(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`resource "aws_cloudwatch_log_group" "a" { retention = 30 }`:                                                     "aws_cloudwatch_log_group: no argument retention",
		`resource "aws_lambda_function" "a" { role = "r" }`:                                                              "aws_lambda_function: the argument function_name is missing",
		"resource \"aws_dynamodb_table\" \"a\" {\n name = \"a\"\n ttl { attribute = \"x\" }\n}":                          "aws_dynamodb_table.ttl: no argument attribute",
		"resource \"aws_dynamodb_table\" \"a\" {\n name = \"a\"\n times { a = 1 }\n}":                                    "aws_dynamodb_table: no block times",
		`output "a" { value = aws_iam_role.none.arn }`:                                                                   "aws_iam_role.none is not declared",
		"resource \"aws_cloudwatch_log_group\" \"a\" {}\noutput \"b\" {\n value = aws_cloudwatch_log_group.a.address\n}": "aws_cloudwatch_log_group has no attribute address",
		`output "a" { value = var.none }`:                                                                                "var.none is not declared",
		`resource "aws_s3_bucket" "a" {}`:                                                                                "aws_s3_bucket: no such type in testdata",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(dir+"/main.tf", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := LoadTerraform(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Problems(provider(t)); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

func TestTerraform_Formatted(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("terraform is not installed")
	}
	if out, err := exec.Command(path, "fmt", "-check", "-diff", root+"/examples/orders/terraform").Output(); err != nil {
		t.Errorf("terraform fmt: %v\n%s", err, out)
	}
}

func TestOrders_SameActions(t *testing.T) {
	t.Parallel()
	want := Actions(examples(t)["orders"].Statements())
	if got := Actions(terraform(t).Policies()); !slices.Equal(got, want) {
		t.Errorf("Terraform: got the actions %v, want %v", got, want)
	}
	if got := Actions(cdk(t).Statements()); !slices.Equal(got, want) {
		t.Errorf("CDK: got the actions %v, want %v", got, want)
	}
}

// cdk returns the template that CDK made. .ci/cdk makes it, and gives its path.
func cdk(t *testing.T) *Template {
	t.Helper()
	path := os.Getenv("LAMBDAKIT_CDK_TEMPLATE")
	if path == "" {
		t.Skip("LAMBDAKIT_CDK_TEMPLATE is not set")
	}
	template, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return template
}

func TestOrders_SameFunction(t *testing.T) {
	t.Parallel()
	sam := examples(t)["orders"].Function("Orders")
	properties := []string{"Runtime", "Architectures", "Timeout", "MemorySize", "Handler"}
	levels := []string{"LogFormat", "ApplicationLogLevel", "SystemLogLevel"}

	t.Run("terraform", func(t *testing.T) {
		text := terraform(t).text
		for _, p := range []string{
			fmt.Sprintf("runtime          = %q", sam["Runtime"]),
			fmt.Sprintf("handler          = %q", sam["Handler"]),
			fmt.Sprintf("architectures    = [%q]", list(sam["Architectures"])[0]),
			fmt.Sprintf("timeout          = %d\n", sam["Timeout"]),
			fmt.Sprintf("memory_size      = %d\n", sam["MemorySize"]),
			fmt.Sprintf("mode = %q", sam["Tracing"]),
			fmt.Sprintf("log_format            = %q", object(sam, "LoggingConfig")["LogFormat"]),
			fmt.Sprintf("application_log_level = %q", object(sam, "LoggingConfig")["ApplicationLogLevel"]),
			fmt.Sprintf("system_log_level      = %q", object(sam, "LoggingConfig")["SystemLogLevel"]),
			`attribute_name = "expiration"`, `route_key = "POST /orders"`, `payload_format_version = "2.0"`, "retention_in_days = 30",
		} {
			if !strings.Contains(text, p) {
				t.Errorf("got no %q, as in the template of SAM", p)
			}
		}
		for variable := range object(sam, "Environment", "Variables") {
			if !strings.Contains(text, variable+" ") {
				t.Errorf("got no variable %s", variable)
			}
		}
	})
	t.Run("cdk", func(t *testing.T) {
		template := cdk(t)
		f := template.Resources[template.Of("AWS::Lambda::Function")[0]].Properties
		for _, p := range properties {
			if got, want := fmt.Sprint(f[p]), fmt.Sprint(sam[p]); got != want {
				t.Errorf("got %s %s, want %s", p, got, want)
			}
		}
		for _, p := range levels {
			if got, want := object(f, "LoggingConfig")[p], object(sam, "LoggingConfig")[p]; got != want {
				t.Errorf("got %s %s, want %s", p, got, want)
			}
		}
		if got := object(f, "TracingConfig")["Mode"]; got != sam["Tracing"] {
			t.Errorf("got tracing %v, want %v", got, sam["Tracing"])
		}
		got := slices.Sorted(maps.Keys(object(f, "Environment", "Variables")))
		want := slices.Sorted(maps.Keys(object(sam, "Environment", "Variables")))
		if !slices.Equal(got, want) {
			t.Errorf("got the variables %v, want %v", got, want)
		}
		table := template.Resources[template.Of("AWS::DynamoDB::Table")[0]]
		if got, want := fmt.Sprint(table.Properties["TimeToLiveSpecification"]), "map[AttributeName:expiration Enabled:true]"; got != want || table.Deletion != "Retain" {
			t.Errorf("got %s and %s, want %s and Retain", got, table.Deletion, want)
		}
	})
}

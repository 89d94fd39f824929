package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const eventsTestdata = "github.com/lambdakit/lambdakit/cmd/lambdakit/testdata/events/"

// filesOf returns the names of the files of a folder, nil if it does not exist.
func filesOf(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestEventsSchema_WritesTheDefinitionsOfPackages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	status, stdout, stderr := lambdakitEvents(t, dir, "schema", "-o", "@/new/schemas", "./testdata/events/function", "./testdata/events/shop", "./testdata/events/other")
	if status != 0 || stderr != "" {
		t.Fatalf("got status %d and the error %q, want none", status, stderr)
	}
	dir = filepath.Join(dir, "new", "schemas")
	want := []string{"shop%2Forders.%2E%2E%2FOrder%20Moved.v1.json", "shop.orders.OrderConfirmed.v2.json", "shop.stock.Shipped.v1.json"}
	if got := filesOf(t, dir); !slices.Equal(got, want) {
		t.Errorf("got the files %q, want %q", got, want)
	}
	if lines := strings.Fields(stdout); len(lines) != 3 || lines[1] != filepath.Join(dir, want[1]) {
		t.Errorf("got the output %q, want a line for each file", stdout)
	}
	text, err := os.ReadFile(filepath.Join(dir, want[1]))
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(text), `"$id": "urn:event:shop.orders:OrderConfirmed:v2"`, `"required": [`+"\n    \"total\"\n  ]")

	if status, stdout, _ := lambdakitEvents(t, dir, "check", "-require", "full", "@", "@"); status != 0 || strings.Count(stdout, ": full\n") != 3 {
		t.Errorf("got status %d and %q, want three compatible schemas", status, stdout)
	}
}

func TestEventsSchema_Draft4(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if status, _, stderr := lambdakitEvents(t, dir, "schema", "-draft4", "-o", "@", "./testdata/events/shop"); status != 0 {
		t.Fatalf("got status %d and %q, want 0", status, stderr)
	}
	text, err := os.ReadFile(filepath.Join(dir, "shop.orders.OrderConfirmed.v2.json"))
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(text), `"$schema": "http://json-schema.org/draft-04/schema#"`, `"id": "urn:event:shop.orders:OrderConfirmed:v2"`)
}

func TestEventsSchema_Failures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, args string
		stderr     []string
	}{
		{"a conflict", "./testdata/events/shop ./testdata/events/conflict", []string{"packages " + eventsTestdata + "shop and " + eventsTestdata + "conflict define shop.orders.OrderConfirmed.v2 with different data"}},
		{"a conflict with an import", "./testdata/events/conflict/imports", []string{"different data: " + eventsTestdata + "shop.Confirmed and " + eventsTestdata + "conflict/imports.Confirmed"}},
		{"a package that does not compile", "./testdata/events/broken ./testdata/events/shop", []string{"broken.go:6:44: not enough arguments", "package " + eventsTestdata + "broken does not compile\n"}},
		{"a type without a form", "./testdata/events/channel", []string{"schema: OrderConfirmed of shop.orders: channel.Confirmed.Done: the type chan int has no form in JSON"}},
		{"a program that ends", "./testdata/events/exits", []string{"TABLE is not set", "exits ended before its definitions could be read"}},
		{"no definition", "./testdata/events/none", []string{"no package of ./testdata/events/none has a definition"}},
		{"no events", "../../logging", []string{"no package of ../../logging imports github.com/lambdakit/lambdakit/events\n"}},
		{"no package", "./nowhere", []string{"lambdakit events schema: go list ./nowhere: "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			status, stdout, stderr := lambdakitEvents(t, dir, append([]string{"schema", "-o", "@/schemas"}, strings.Fields(c.args)...)...)
			if status != 2 || stdout != "" {
				t.Errorf("got status %d and %q, want 2", status, stdout)
			}
			contains(t, stderr, c.stderr...)
			if got := filesOf(t, filepath.Join(dir, "schemas")); got != nil {
				t.Errorf("got the files %q, want none", got)
			}
		})
	}
}

// TestEventsSchema_AnotherModule runs the command without arguments in a module of its own.
func TestEventsSchema_AnotherModule(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	_, requirement, _ := strings.Cut(string(mod), "require ")
	dir := writeFiles(t, map[string]string{
		"go.mod": "module example.com/stock\n\ngo 1.26\n\nrequire github.com/lambdakit/lambdakit v0.0.0\nrequire " + requirement +
			"\nreplace github.com/lambdakit/lambdakit => " + root + "\n",
		"go.sum":        string(sums),
		"stock/a.go":    "package stock\n\nimport \"github.com/lambdakit/lambdakit/events\"\n\nvar Moved = events.Define[struct{ N int }](\"stock\", \"Moved\")\n",
		"main.go":       "package main\n\nimport \"example.com/stock/stock\"\n\nfunc main() { _ = stock.Moved }\n",
		"empty/none.go": "package empty\n",
	})
	cmd := exec.CommandContext(t.Context(), os.Args[0], "events", "schema")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LAMBDAKIT_TEST_PROGRAM=none", "GOWORK=off", "GOOS=plan9", "GOFLAGS=")
	out, err := cmd.CombinedOutput()
	if err != nil || string(out) != filepath.Join("schemas", "stock.Moved.v1.json")+"\n" {
		t.Errorf("got %s and error %v, want the file of Moved", out, err)
	}
	if got := filesOf(t, filepath.Join(dir, "schemas")); !slices.Equal(got, []string{"stock.Moved.v1.json"}) {
		t.Errorf("got the files %q, want the one of Moved", got)
	}
	if got := filesOf(t, filepath.Join(dir, "stock")); !slices.Equal(got, []string{"a.go"}) {
		t.Errorf("got the files %q in the package, want no others than before", got)
	}
}

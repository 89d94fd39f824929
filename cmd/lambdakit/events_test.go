package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// lambdakitEvents runs the command line in which each @ is the folder.
func lambdakitEvents(t *testing.T, dir string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	line := []string{"events"}
	for _, a := range args {
		line = append(line, strings.ReplaceAll(a, "@", dir))
	}
	out, errs := newBuffer(), newBuffer()
	status = command(t.Context(), line, strings.NewReader(""), out, errs)
	return status, out.String(), errs.String()
}

// writeFiles writes files with their contents into a new folder.
func writeFiles(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var schemaFilesForTest = map[string]string{
	"integer.json": `{"type":"integer"}`, "number.json": `{"type":"number"}`, "text.json": `{"type":"string"}`,
	"bad.json":   `{"type":1}`,
	"old/a.json": `{"type":"integer"}`, "old/b.json": `{"type":"string"}`, "old/c.json": `{"type":"string"}`, "old/README.md": "x",
	"new/a.json": `{"type":"number"}`, "new/b.json": `{"type":"string","title":"b"}`, "new/d.json": `{"type":"string"}`, "new/sub/c.json": `{}`,
	"same/a.json": `{"type":"integer"}`, "same/b.json": `{"type":"string"}`, "same/c.json": `{"type":"string"}`, "same/d.json": `not JSON`,
	"empty/x.txt":    "x",
	"v1/a.E.v1.json": `{"type":"string"}`, "v1/b.v1.json": `{}`, "v3/a.E.v2.json": `{"type":"number"}`, "v3/a.E.v3.json": `{}`, "v3/a.v4.json": `{}`,
}

func TestEventsCheck_Verdicts(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, schemaFilesForTest)
	const toNumber, toInteger = "number.json: backward\nnumber.json: /type: type was integer, is number (breaks forward)\n", "integer.json: forward\ninteger.json: /type: type was number, is integer (breaks backward)\n"
	const folders = "a.json: backward\na.json: /type: type was integer, is number (breaks forward)\nb.json: full\nc.json: none\nc.json: the schema: the file was removed (breaks backward and forward)\n"
	for _, c := range []struct {
		name, args string
		status     int
		stdout     string
	}{
		{"equal", "check @/text.json @/text.json", 0, "text.json: full\n"},
		{"backward", "check @/integer.json @/number.json", 0, toNumber},
		{"forward", "check @/number.json @/integer.json", 1, toInteger},
		{"forward required", "check -require forward @/number.json @/integer.json", 0, toInteger},
		{"not forward", "check -require forward @/integer.json @/number.json", 1, toNumber},
		{"not full", "check -require full @/integer.json @/number.json", 1, toNumber},
		{"full", "check -require full @/text.json @/text.json", 0, "text.json: full\n"},
		{"folders", "check @/old @/new", 1, folders},
		{"a new version", "check @/v1 @/v3", 1, "a.E.v1.json: superseded by a.E.v3.json\nb.v1.json: none\nb.v1.json: the schema: the file was removed (breaks backward and forward)\n"},
		{"an added file", "check -require full @/old @/same", 0, "a.json: full\nb.json: full\nc.json: full\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, stdout, stderr := lambdakitEvents(t, dir, strings.Fields(c.args)...)
			if status != c.status || stdout != c.stdout || stderr != "" {
				t.Errorf("got status %d, %q and %q; want %d, %q and no error", status, stdout, stderr, c.status, c.stdout)
			}
		})
	}
}

func TestEventsCheck_ControlCharacters(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, map[string]string{"a": `{"properties":{"\u001b[31m\n":{"type":"string"}}}`, "b": `{"properties":{"\u001b[31m\n":{"type":"null"}}}`})
	_, stdout, _ := lambdakitEvents(t, dir, "check", "@/a", "@/b")
	if want := "b: none\nb: /properties/\\x1b[31m\\n/type: type was string, is null (breaks backward and forward)\n"; stdout != want {
		t.Errorf("got %q, want %q", stdout, want)
	}
}

func TestEvents_Misuse(t *testing.T) {
	t.Parallel()
	dir := writeFiles(t, schemaFilesForTest)
	for _, c := range []struct {
		name, args string
		status     int
		stderr     string
	}{
		{"no command", "", 2, "usage: lambdakit events check [flags] OLD NEW"},
		{"unknown command", "list", 2, `lambdakit events: unknown command "list"`},
		{"no files", "check", 2, "lambdakit events check: want two files or folders"},
		{"three files", "check a b c", 2, `got ["a" "b" "c"]`},
		{"unknown compatibility", "check -require none @/text.json @/text.json", 2, `-require "none" is not backward, forward or full`},
		{"unknown flag", "check -x", 2, "flag provided but not defined: -x"},
		{"help", "check -h", 0, "usage: lambdakit events check [flags] OLD NEW"},
		{"a file and a folder", "check @/text.json @/new", 2, "want two of a kind"},
		{"a folder without schemas", "check @/empty @/new", 2, "has no .json files"},
		{"a missing file", "check @/text.json @/missing.json", 2, "missing.json"},
		{"no schema", "check @/text.json @/bad.json", 2, "bad.json: schema: read the new schema: /type: want the name of a type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, stdout, stderr := lambdakitEvents(t, dir, strings.Fields(c.args)...)
			if status != c.status || !strings.Contains(stderr, c.stderr) || stdout != "" {
				t.Errorf("got status %d, %q and %q; want %d and the error %q", status, stdout, stderr, c.status, c.stderr)
			}
		})
	}
	if status, stdout, _ := lambdakitEvents(t, dir, "help"); status != 0 || stdout != eventsUsage {
		t.Errorf("got status %d and %q, want the usage", status, stdout)
	}
}

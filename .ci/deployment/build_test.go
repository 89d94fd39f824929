package deployment

import (
	"debug/buildinfo"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// assignments returns the variables that a command line sets before its command, and the command.
func assignments(line string) (env []string, command string) {
	variable := regexp.MustCompile(`^([A-Z_]+=(?:"[^"]*"|[^ "]*)) +`)
	for m := variable.FindStringSubmatch(line); m != nil; m = variable.FindStringSubmatch(line) {
		env = append(env, strings.ReplaceAll(m[1], `"`, ""))
		line = line[len(m[0]):]
	}
	return env, line
}

// buildLine returns the command after "build:" in a text.
func buildLine(t *testing.T, text string) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^(?:#  |//\t) ?build: +(\S.*)$`).FindStringSubmatch(text)
	if m == nil {
		t.Fatal("got no build line")
	}
	return m[1]
}

// Each program is built as SAM builds it: with the environment of the build line and the platform of
// the template. The binary is a program for Lambda, and as small as the flags make it.
func TestBuild_SAM(t *testing.T) {
	each(t, func(t *testing.T, template *Template) {
		env, command := assignments(buildLine(t, template.Text))
		if command != "sam build" {
			t.Errorf("got the command %q, want sam build", command)
		}
		name := strings.TrimPrefix(t.Name(), "TestBuild_SAM/")
		for _, f := range template.Of("AWS::Serverless::Function") {
			if got := template.Function(f)["CodeUri"]; got != "." {
				t.Errorf("%s: got CodeUri %v, want the directory of the example", f, got)
			}
		}
		// SAM names the binary after the Handler, and runs this command in the directory of CodeUri.
		binary := filepath.Join(t.TempDir(), template.Function(template.Of("AWS::Serverless::Function")[0])["Handler"].(string))
		run(t, filepath.Join(root, "examples", name), append(env, "GOOS=linux", "GOARCH=arm64"), "go", "build", "-o", binary, ".")
		checkBinary(t, binary)
	})
}

// The build lines of CDK and Terraform make the same binary.
func TestBuild_CDKAndTerraform(t *testing.T) {
	want, _ := assignments(buildLine(t, read(t, root+"/examples/orders/template.yaml")))
	for dir, file := range map[string]string{"cdk": "main.go", "terraform": "main.tf"} {
		dir = root + "/examples/orders/" + dir
		line := buildLine(t, read(t, dir+"/"+file))
		if env, _ := assignments(line); !strings.Contains(strings.Join(env, " "), want[len(want)-1]) {
			t.Errorf("%s: got %q, want %q in it", dir, line, want[len(want)-1])
		}
		if _, err := os.Stat(dir + "/build"); os.IsNotExist(err) {
			t.Cleanup(func() { os.RemoveAll(dir + "/build") })
		}
		run(t, dir, nil, "bash", "-c", line)
		checkBinary(t, dir+"/build/bootstrap")
	}
}

// run runs a command in a directory, with more environment variables.
func run(t *testing.T, dir string, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	// go build asks git about the checkout, which may belong to another user.
	cmd.Env = append(cmd.Env, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*")
	cmd.Env = append(cmd.Env, env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %s %v: %v\n%s", dir, name, args, err, out)
	}
}

// checkBinary checks that Lambda can run a binary.
func checkBinary(t *testing.T, path string) {
	t.Helper()
	if filepath.Base(path) != "bootstrap" {
		t.Errorf("got the file %s, want bootstrap", path)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm()&0o111 != 0o111 {
		t.Errorf("%s: got mode %v, want one that everybody may execute", path, info.Mode())
	}
	file, err := elf.Open(path)
	if err != nil {
		t.Fatalf("%s: not an ELF file: %v", path, err)
	}
	defer file.Close()
	if file.Machine != elf.EM_AARCH64 || file.Type != elf.ET_EXEC {
		t.Errorf("%s: got %v %v, want an executable for arm64", path, file.Machine, file.Type)
	}
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("%s: got a segment %v, want a statically linked program", path, p.Type)
		}
	}
	if file.Section(".symtab") != nil || file.Section(".debug_info") != nil {
		t.Errorf("%s: got a symbol table or debug information, want -ldflags=-s", path)
	}
	build, err := buildinfo.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for _, s := range build.Settings {
		settings[s.Key] = s.Value
	}
	for key, want := range map[string]string{"CGO_ENABLED": "0", "-tags": "lambda.norpc", "-trimpath": "true", "GOARCH": "arm64", "GOOS": "linux"} {
		if settings[key] != want {
			t.Errorf("%s: got %s=%s, want %s", path, key, settings[key], want)
		}
	}
	t.Logf("%s: %d bytes", path, info.Size())
}

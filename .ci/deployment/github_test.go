package deployment

import (
	"fmt"
	"io/fs"
	"maps"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// parse returns the value of a YAML file.
func parse(t *testing.T, path string) map[string]any {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(read(t, path)), &doc); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	m, ok := value(&doc).(map[string]any)
	if !ok {
		t.Fatalf("%s: got no object", path)
	}
	return m
}

func workflows(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob(root + "/.github/workflows/*.yml")
	if err != nil || len(paths) < 4 {
		t.Fatalf("got the workflows %v and error %v, want four or more", paths, err)
	}
	return paths
}

// modules returns the directories with a go.mod that git knows.
func modules(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("git", "-c", "safe.directory=*", "-C", root, "ls-files", "go.mod", "*/go.mod").Output()
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for _, file := range strings.Fields(string(out)) {
		dirs = append(dirs, filepath.Dir(file))
	}
	if len(dirs) < 15 {
		t.Fatalf("got the modules %v, want 15 or more", dirs)
	}
	return dirs
}

// released returns the modules that users require. .ci/release tags them.
func released(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(modules(t), func(dir string) bool {
		return regexp.MustCompile(`^\.ci/|^benchmarks$|^examples|/(interop|schematest|browsertest)$`).MatchString(dir)
	})
}

// All YAML of the repository parses, and no key is there twice.
func TestYAML_Parses(t *testing.T) {
	t.Parallel()
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if ext := filepath.Ext(path); err == nil && (ext == ".yml" || ext == ".yaml") {
			files++
			var v yaml.Node
			if err := yaml.Unmarshal([]byte(read(t, path)), &v); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			unique(t, path, &v)
		}
		return err
	})
	if err != nil || files < 18 {
		t.Errorf("got %d files and error %v, want 18 or more", files, err)
	}
}

func unique(t *testing.T, path string, n *yaml.Node) {
	t.Helper()
	seen := map[string]bool{}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if seen[c.Value] {
				t.Errorf("%s:%d: the key %s is there twice", path, c.Line, c.Value)
			}
			seen[c.Value] = true
		}
		unique(t, path, c)
	}
}

var full = regexp.MustCompile(`^[\w.-]+(/[\w.-]+)+@v\d+\.\d+\.\d+$`)

// Actions have full versions, and one version each.
func TestWorkflows_Actions(t *testing.T) {
	t.Parallel()
	versions := map[string]string{}
	uses := regexp.MustCompile(`(?m)^\s*(?:- )?uses: *(\S+)`)
	found := 0
	for _, path := range append(workflows(t), root+"/action/action.yml", root+"/docs/deployment.md") {
		for _, m := range uses.FindAllStringSubmatch(read(t, path), -1) {
			found++
			if !full.MatchString(m[1]) {
				t.Errorf("%s: got %s, want a full version", path, m[1])
				continue
			}
			name, version, _ := strings.Cut(m[1], "@")
			owner := strings.Join(strings.SplitN(name, "/", 3)[:2], "/") // codeql-action has several actions
			if before := versions[owner]; before != "" && before != version {
				t.Errorf("%s: got %s in %s, want %s as elsewhere", path, version, owner, before)
			}
			versions[owner] = version
		}
	}
	if found < 20 {
		t.Errorf("got %d actions, want 20 or more", found)
	}
}

// A workflow has no permission that it does not name, and no job runs forever.
func TestWorkflows_PermissionsAndTimeouts(t *testing.T) {
	t.Parallel()
	for _, path := range workflows(t) {
		w := parse(t, path)
		permissions, named := w["permissions"]
		if text := fmt.Sprint(permissions); !named || strings.Contains(text, "write") {
			t.Errorf("%s: got the permissions %s, want some, and none to write", path, text)
		}
		for name, j := range object(w, "jobs") {
			j := j.(map[string]any)
			if minutes, ok := j["timeout-minutes"].(int); !ok || minutes < 5 || minutes > 120 {
				t.Errorf("%s: %s: got timeout-minutes %v, want a number", path, name, j["timeout-minutes"])
			}
			for _, s := range list(j["steps"]) {
				s := s.(map[string]any)
				if (s["run"] == nil) == (s["uses"] == nil) {
					t.Errorf("%s: %s: got the step %v, want run or uses", path, name, s)
				}
				if uses := fmt.Sprint(s["uses"]); strings.HasPrefix(uses, "actions/checkout@") && object(s, "with")["persist-credentials"] != false {
					t.Errorf("%s: %s: the checkout keeps its credentials", path, name)
				}
			}
		}
	}
}

// Workflows run scripts that exist.
func TestWorkflows_Scripts(t *testing.T) {
	t.Parallel()
	script := regexp.MustCompile(`(?:^|\s)(\.ci/[a-z]+)`)
	found := 0
	for _, path := range workflows(t) {
		for _, m := range script.FindAllStringSubmatch(read(t, path), -1) {
			found++
			if _, err := filepath.EvalSymlinks(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	if found < 3 {
		t.Errorf("got %d scripts, want three or more", found)
	}
}

// Each module that users require is tested on other systems and checked for vulnerabilities.
func TestWorkflows_Modules(t *testing.T) {
	t.Parallel()
	want := released(t)
	ci := parse(t, root+"/.github/workflows/ci.yml")
	got := strings.Fields(object(ci, "jobs", "systems", "env")["MODULES"].(string))
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("ci.yml: got the modules %v, want %v", got, want)
	}
	check := read(t, root+"/.github/workflows/govulncheck.yml")
	loop := regexp.MustCompile(`for m in (.*); do`).FindStringSubmatch(check)
	if loop == nil {
		t.Fatal("govulncheck.yml: got no loop over modules")
	}
	got = slices.DeleteFunc(strings.Fields(loop[1]), func(m string) bool { return m == "examples" })
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("govulncheck.yml: got the modules %v, want %v", got, want)
	}
}

// Dependabot knows each go.mod and each package.json.
func TestDependabot_Directories(t *testing.T) {
	t.Parallel()
	got := map[string][]string{}
	for _, u := range list(parse(t, root+"/.github/dependabot.yml")["updates"]) {
		u := u.(map[string]any)
		kind := fmt.Sprint(u["package-ecosystem"])
		for _, d := range list(u["directories"]) {
			if d == nil {
				d = u["directory"]
			}
			got[kind] = append(got[kind], strings.TrimPrefix(fmt.Sprint(d), "/"))
		}
	}
	var want []string
	for _, m := range modules(t) {
		want = append(want, strings.TrimPrefix(m, "."+string(filepath.Separator)))
	}
	want[slices.Index(want, ".")] = ""
	slices.Sort(want)
	slices.Sort(got["gomod"])
	if !slices.Equal(got["gomod"], want) {
		t.Errorf("got the modules %v, want %v", got["gomod"], want)
	}
	packages, err := filepath.Glob(root + "/.ci/*/package.json")
	if err != nil {
		t.Fatal(err)
	}
	want = nil
	for _, p := range packages {
		want = append(want, ".ci/"+filepath.Base(filepath.Dir(p)))
	}
	slices.Sort(got["npm"])
	if !slices.Equal(got["npm"], want) {
		t.Errorf("got the npm packages %v, want %v", got["npm"], want)
	}
}

// A report of a bug has what lambdakit run -raw printed.
func TestIssueForms(t *testing.T) {
	t.Parallel()
	forms, err := filepath.Glob(root + "/.github/ISSUE_TEMPLATE/*.yml")
	if err != nil || len(forms) < 4 {
		t.Fatalf("got the forms %v and error %v, want four", forms, err)
	}
	for _, path := range forms {
		if filepath.Base(path) == "config.yml" {
			continue
		}
		form := parse(t, path)
		ids := map[string]bool{}
		for _, b := range list(form["body"]) {
			b := b.(map[string]any)
			if b["type"] == "markdown" {
				continue
			}
			id := fmt.Sprint(b["id"])
			if ids[id] || b["id"] == nil || object(b, "attributes")["label"] == nil {
				t.Errorf("%s: got the field %v, want an id of its own and a label", path, b)
			}
			ids[id] = true
		}
		if form["name"] == nil || form["description"] == nil || len(ids) == 0 {
			t.Errorf("%s: got %v, want name, description and fields", path, slices.Collect(maps.Keys(form)))
		}
	}
	bug := parse(t, root+"/.github/ISSUE_TEMPLATE/bug.yml")
	for _, b := range list(bug["body"]) {
		b := b.(map[string]any)
		if label := fmt.Sprint(object(b, "attributes")["label"]); strings.Contains(label, "lambdakit run -raw") {
			if object(b, "validations")["required"] != true {
				t.Errorf("got %v, want a field that is required", b)
			}
			return
		}
	}
	t.Error("bug.yml does not ask for the output of lambdakit run -raw")
}

// Releases are six static binaries with checksums and lists of their contents.
func TestGoReleaser(t *testing.T) {
	t.Parallel()
	c := parse(t, root+"/.goreleaser.yaml")
	build := list(c["builds"])[0].(map[string]any)
	if n := len(list(build["goos"])) * len(list(build["goarch"])); n != 6 {
		t.Errorf("got %d targets, want 6", n)
	}
	if env := fmt.Sprint(build["env"]); !strings.Contains(env, "CGO_ENABLED=0") {
		t.Errorf("got env %s, want CGO_ENABLED=0", env)
	}
	if flags := fmt.Sprint(build["flags"]); !strings.Contains(flags, "-trimpath") {
		t.Errorf("got flags %s, want -trimpath", flags)
	}
	for _, part := range []string{"checksum", "sboms", "nfpms", "homebrew_casks", "scoops"} {
		if c[part] == nil {
			t.Errorf("got no %s", part)
		}
	}
}

// The inputs that the action documents are the variables that its script reads.
func TestAction_Inputs(t *testing.T) {
	t.Parallel()
	a := parse(t, root+"/action/action.yml")
	text := read(t, root+"/action/action.yml")
	for name, in := range object(a, "inputs") {
		if in.(map[string]any)["description"] == nil || !strings.Contains(text, "inputs."+name) {
			t.Errorf("got the input %s, and no step uses it", name)
		}
	}
	script := read(t, root+"/action/run.sh")
	first := list(object(a, "runs")["steps"])[0].(map[string]any)
	for variable := range object(first, "env") {
		if !strings.Contains(script, "${"+variable+":-") {
			t.Errorf("got the variable %s, and the script does not read it", variable)
		}
	}
	if run := fmt.Sprint(first["run"]); strings.Contains(run, "${{") {
		t.Errorf("got %q, want no input inside a command", run)
	}
}

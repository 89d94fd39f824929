//go:build ignore

// Command docs checks the documents of the project:
//
//   - A block of Go in docs/ equals a region of a Go file below examples/, which CI compiles. The line before
//     the block names the region: <!-- guide: NAME -->. In the Go file the region begins with a line
//     // guide: NAME and ends with a line // end.
//   - A block after <!-- output: NAME --> equals the output of the function Example_NAME, which go test runs.
//   - The commands of lambdakit exist, and so do their flags.
//   - Paths of this repository in commands and in inline code exist.
//   - Links inside the repository lead to a file, and their anchors to a heading.
//   - docs/environment.md has each environment variable of the packages, and docs/errors.md each error.
//   - Figures in the sections "What it costs" are in docs/measurements.md.
//
// Usage:
//
//	go run .ci/docs.go      # checks
//	go run .ci/docs.go -w   # writes the blocks of Go and of output first
package main

import (
	"flag"
	"fmt"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var (
	write    = flag.Bool("w", false, "write the blocks of Go and of output")
	problems int
)

func main() {
	flag.Parse()
	regions, outputs := sources("examples")
	commands := commands()
	var files []string
	walk("docs", ".md", func(path string) { files = append(files, path) })
	files = append(files, "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "llms.txt")

	texts := make(map[string]string)
	blocks, used := 0, make(map[string]bool)
	for _, file := range files {
		text := read(file)
		text = replaceBlocks(file, text, func(line int, kind, name, language, body string) string {
			known := regions
			switch {
			case kind == "output":
				known = outputs
			case kind == "" && language == "go" && strings.HasPrefix(file, "docs/"):
				report(file, line, "a block of Go without a line <!-- guide: NAME --> before it")
				return body
			case kind == "":
				return body
			}
			want, ok := known[name]
			used[kind+name] = true
			switch {
			case !ok:
				report(file, line, "no %s %q below examples/", kind, name)
			case body != want && !*write:
				report(file, line, "the block differs from the %s %q; go run .ci/docs.go -w writes it", kind, name)
			default:
				blocks++
				return want
			}
			return body
		})
		if *write && text != read(file) {
			check(os.WriteFile(file, []byte(text), 0o644))
		}
		texts[file] = text
	}
	for name := range regions {
		if !used["guide"+name] {
			report("examples", 0, "no document shows the region %q", name)
		}
	}

	links := 0
	for _, file := range files {
		checkCode(file, texts[file], commands)
		links += checkLinks(file, texts[file], texts)
	}
	checkNames(texts["docs/environment.md"], texts["docs/errors.md"])
	checkFigures(texts)
	fmt.Printf("docs: %d documents, %d blocks, %d links, %d problems\n", len(files), blocks, links, problems)
	if problems > 0 || blocks == 0 || links == 0 {
		os.Exit(1)
	}
}

func report(file string, line int, format string, args ...any) {
	problems++
	fmt.Fprintf(os.Stderr, "%s:%d: %s\n", file, line, fmt.Sprintf(format, args...))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(2)
	}
}

func read(path string) string {
	b, err := os.ReadFile(path)
	check(err)
	return string(b)
}

// walk calls f for the files below dir whose names end in suffix.
func walk(dir, suffix string, f func(path string)) {
	check(filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if err == nil && !d.IsDir() && strings.HasSuffix(path, suffix) {
			f(filepath.ToSlash(path))
		}
		return err
	}))
}

// sources returns the regions of the Go files below dir, and the outputs of their examples.
func sources(dir string) (regions, outputs map[string]string) {
	regions, outputs = make(map[string]string), make(map[string]string)
	add := func(to map[string]string, file, name, text string) {
		if to[name] != "" {
			report(file, 0, "%q is there twice", name)
		}
		to[name] = text
	}
	walk(dir, ".go", func(path string) {
		name, begin := "", 0
		lines := strings.Split(read(path), "\n")
		for i, line := range lines {
			line = strings.TrimSpace(line)
			if next, ok := strings.CutPrefix(line, "// guide: "); ok && name == "" {
				name, begin = next, i+1
			} else if line == "// end" && name != "" {
				add(regions, path, name, outdent(lines[begin:i]))
				name = ""
			} else if ok || line == "// end" {
				report(path, i+1, "%q inside, or outside, of a region", line)
			}
		}
		if name != "" {
			report(path, begin, "the region %q has no end", name)
		}
		if strings.HasSuffix(path, "_test.go") {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			check(err)
			for _, e := range doc.Examples(file) {
				if e.Output != "" {
					add(outputs, path, strings.TrimPrefix(e.Name, "_"), e.Output)
				}
			}
		}
	})
	return regions, outputs
}

// outdent returns lines without the tabs that all of them begin with, and without empty lines around.
func outdent(lines []string) string {
	tabs := -1
	for _, line := range lines {
		if n := len(line) - len(strings.TrimLeft(line, "\t")); line != "" && (tabs < 0 || n < tabs) {
			tabs = n
		}
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line[min(max(tabs, 0), len(line)):] + "\n")
	}
	return strings.Trim(b.String(), "\n") + "\n"
}

var marker = regexp.MustCompile(`^<!-- (guide|output): (\S+) -->$`)

// replaceBlocks replaces the body of each fenced block by the result of f, which gets the marker before it.
func replaceBlocks(file, text string, f func(line int, kind, name, language, body string) string) string {
	lines := strings.Split(text, "\n")
	var out []string
	for i := 0; i < len(lines); i++ {
		out = append(out, lines[i])
		language, ok := strings.CutPrefix(lines[i], "```")
		if !ok {
			continue
		}
		end := i + 1
		for end < len(lines) && lines[end] != "```" {
			end++
		}
		if end == len(lines) {
			report(file, i+1, "the block has no end")
			return text
		}
		kind, name := "", ""
		if m := marker.FindStringSubmatch(lines[max(i-1, 0)]); m != nil {
			kind, name = m[1], m[2]
		}
		body := ""
		for _, line := range lines[i+1 : end] {
			body += line + "\n"
		}
		if body = f(i+1, kind, name, language, body); body != "" {
			out = append(out, strings.Split(strings.TrimSuffix(body, "\n"), "\n")...)
		}
		out = append(out, "```")
		i = end
	}
	return strings.Join(out, "\n")
}

// commands returns the flags of each command of lambdakit, as its usage and -h list them.
func commands() map[string][]string {
	lambdakit := filepath.Join(os.TempDir(), fmt.Sprintf("lambdakit-docs-%d", os.Getpid()))
	out, err := exec.Command("go", "build", "-o", lambdakit, "./cmd/lambdakit").CombinedOutput()
	if err != nil {
		check(fmt.Errorf("%v: %s", err, out))
	}
	defer os.Remove(lambdakit)
	help := func(args ...string) string {
		out, _ := exec.Command(lambdakit, append(args, "-h")...).CombinedOutput() // the status of -h does not matter
		return string(out)
	}
	found := make(map[string][]string)
	for _, m := range regexp.MustCompile(`(?m)^(?:usage:)?\s+lambdakit ([a-z ]*[a-z])(?: |$)`).FindAllStringSubmatch(help(), -1) {
		words := strings.Fields(m[1])
		found[words[0]] = append(found[words[0]], "h") // also the group of "events check"
		found[m[1]] = append(found[m[1]], "h")
		for _, f := range regexp.MustCompile(`(?m)^  -([a-z-]+)`).FindAllStringSubmatch(help(words...), -1) {
			found[m[1]] = append(found[m[1]], f[1])
		}
	}
	return found
}

var (
	inline  = regexp.MustCompile("`([^`\n]+)`")
	program = regexp.MustCompile(`(?:^|\s|\./cmd/)lambdakit ((?:[a-z]+ )*[a-z]+)((?: [^|#&;>]*)?)`)
	path    = regexp.MustCompile(`(?:^|[\s'"(=])((?:\./|/)?(?:examples|cmd|docs|\.ci|benchmarks)/[\w./-]*\w)`)
)

// checkCode checks the commands and the paths in blocks that are not Go, and in inline code.
func checkCode(file, text string, commands map[string][]string) {
	fenced := ""
	for i, line := range strings.Split(text, "\n") {
		var code []string
		switch {
		case strings.HasPrefix(line, "```"):
			if fenced == "" {
				fenced = line
			} else {
				fenced = ""
			}
		case fenced == "```go" || fenced == "```json":
		case fenced != "" || strings.HasPrefix(line, "    "):
			code = []string{strings.TrimSpace(line)}
		default:
			for _, m := range inline.FindAllStringSubmatch(line, -1) {
				code = append(code, m[1])
			}
		}
		for _, c := range code {
			for _, m := range path.FindAllStringSubmatch(c, -1) {
				if p := strings.TrimPrefix(m[1], "./"); !strings.HasPrefix(p, "/") {
					if _, err := os.Stat(p); err != nil {
						report(file, i+1, "no file %s", p)
					}
				}
			}
			for _, m := range program.FindAllStringSubmatch(c, -1) {
				checkCommand(file, i+1, m[1], m[2], commands)
			}
		}
	}
}

// checkCommand checks the words behind "lambdakit" in a command.
func checkCommand(file string, line int, words, rest string, commands map[string][]string) {
	name := words
	for commands[name] == nil {
		cut := strings.LastIndexByte(name, ' ')
		if cut < 0 {
			report(file, line, "no command lambdakit %s", words)
			return
		}
		name = name[:cut]
	}
	for _, word := range strings.Fields(rest) {
		f, ok := strings.CutPrefix(strings.TrimRight(word, ".,:"), "-")
		f, _, _ = strings.Cut(f, "=")
		if ok && f != "" && !slices.Contains(commands[name], f) {
			report(file, line, "lambdakit %s has no flag -%s", name, f)
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`^#{1,6} (.*)$`)
)

// checkLinks checks the links of a document into the repository, and returns their number.
func checkLinks(file, text string, texts map[string]string) (n int) {
	fenced := false
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if fenced {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(inline.ReplaceAllString(line, "x"), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			n++
			target, anchor, _ := strings.Cut(m[1], "#")
			if target == "" {
				target = file
			} else {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(file), target))
			}
			if _, err := os.Stat(target); err != nil {
				report(file, i+1, "the link %s leads to no file", m[1])
			} else if anchor != "" && !slices.Contains(anchors(texts[target]), anchor) {
				report(file, i+1, "the link %s leads to no heading", m[1])
			}
		}
	}
	return n
}

// anchors returns the anchors that GitHub makes of the headings of a document.
func anchors(text string) (list []string) {
	fenced := false
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		m := heading.FindStringSubmatch(line)
		if m == nil || fenced {
			continue
		}
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(m[1]))
		name := anchor
		for n := 1; slices.Contains(list, name); n++ {
			name = fmt.Sprintf("%s-%d", anchor, n)
		}
		list = append(list, name)
	}
	return list
}

var (
	variable  = regexp.MustCompile(`"((?:POWERTOOLS|OTEL|LAMBDAKIT|AWS_LAMBDA|PARAMETERS)_[A-Z_]+[A-Z])"`)
	errorName = regexp.MustCompile(`(?m)^(?:(?:var |\t)(Err[A-Z]\w*)\s+= |type ([A-Z]\w*Error|Error) struct)`)
	notShown  = regexp.MustCompile(`(^|/)(examples|benchmarks|cmd|\.ci|golden|\w*test|emulator|modelcheck)/|_test\.go$`)
)

// checkNames checks that the packages for users have no variable and no error that the references lack.
func checkNames(environment, errors string) {
	walk(".", ".go", func(path string) {
		if notShown.MatchString(path) {
			return
		}
		text := read(path)
		for _, m := range variable.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(environment, "`"+m[1]+"`") {
				report(path, 0, "docs/environment.md lacks %s", m[1])
			}
		}
		if strings.Contains(path, "internal/") {
			return
		}
		pkg := regexp.MustCompile(`(?m)^package (\w+)`).FindStringSubmatch(text)[1]
		for _, m := range errorName.FindAllStringSubmatch(text, -1) {
			if name := pkg + "." + m[1] + m[2]; !strings.Contains(errors, "`"+name+"`") {
				report(path, 0, "docs/errors.md lacks %s", name)
			}
		}
	})
}

var (
	costs  = regexp.MustCompile(`(?s)\n## What it costs\n(.*?)(?:\n## |$)`)
	figure = regexp.MustCompile(`\d+\.\d+ (?:ns|us|ms|MB)|\d+ (?:ns|us)`)
)

// checkFigures checks that measured times and sizes in the guides are measured ones.
func checkFigures(texts map[string]string) {
	measured := texts["docs/measurements.md"]
	for file, text := range texts {
		for _, section := range costs.FindAllStringSubmatch(text, -1) {
			for _, f := range figure.FindAllString(section[1], -1) {
				if !strings.Contains(measured, f) {
					report(file, 0, "docs/measurements.md does not have the figure %s", f)
				}
			}
		}
	}
}

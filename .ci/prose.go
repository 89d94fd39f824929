//go:build ignore

// Command prose counts constructions that make the project's comments and documents hard to
// read, and fails if there are more than the limit for 1,000 words.
//
//	go run .ci/prose.go         # the figure
//	go run .ci/prose.go -v      # with every place
package main

import (
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// limit is the number of hard constructions for 1,000 words.
const limit = 2.5

// hard are the constructions.
var hard = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\b(what|whatever|who|whoever) (is|are|was|were|has|have|had|it|they|he|an?|the|that|this|no|nobody|somebody|came|comes|goes|went|makes|made|gets|takes|took|follows|remains|stands|wants|asks|waits|belongs)\b`),
	regexp.MustCompile(`\b[Ww]here (there|it|that|none|one|nothing|no|they|this|nobody|some|an?|the|either|both|neither|several|all|he)\b`),
	regexp.MustCompile(`(?i)\b(that|those|ones?) of\b`),
	regexp.MustCompile(`(?i)\b(is|are|was|were|be) (no|none) \w+`),
	regexp.MustCompile(`(?i)\b(anew|besides|all the same|thereby|whereby|as far as|somebody|nobody|hang in|at once|by itself|of its own|of one's own|of theirs|withal|lest|upon)\b`),
}

var (
	word  = regexp.MustCompile(`[A-Za-z][A-Za-z'-]*`)
	space = regexp.MustCompile(`\s+`)
	code  = regexp.MustCompile("(?s)```.*?```")
)

func main() {
	verbose := flag.Bool("v", false, "show every place")
	flag.Parse()
	words, found := 0, 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		text, err := prose(path)
		if err != nil {
			return err
		}
		words += len(word.FindAllString(text, -1))
		for _, re := range hard {
			for _, at := range re.FindAllStringIndex(text, -1) {
				found++
				if *verbose {
					fmt.Printf("%s: ...%s...\n", path, text[max(at[0]-40, 0):min(at[1]+40, len(text))])
				}
			}
		}
		return nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	rate := 1000 * float64(found) / float64(max(words, 1))
	fmt.Printf("prose: %d words, %d hard constructions, %.2f for 1,000 words, limit %.2f\n", words, found, rate, limit)
	if words == 0 || rate > limit {
		os.Exit(1)
	}
}

// prose returns the text of a document, or of the comments of a source file that is not a test,
// without code, on one line.
func prose(path string) (string, error) {
	var text string
	switch {
	case strings.HasSuffix(path, ".md"):
		b, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		text = code.ReplaceAllString(string(b), "")
	case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return "", err
		}
		for _, group := range file.Comments {
			for _, c := range group.List {
				if !strings.HasPrefix(c.Text, "//go:") {
					text += strings.TrimPrefix(strings.TrimPrefix(c.Text, "//"), " ") + "\n"
				}
			}
			text += "\n"
		}
	default:
		return "", nil
	}
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if !strings.HasPrefix(line, "    ") && !strings.HasPrefix(line, "\t") {
			lines = append(lines, line)
		}
	}
	return space.ReplaceAllString(strings.Join(lines, "\n"), " "), nil
}

package viewer

import (
	"regexp"
	"strings"
	"testing"
)

// maxPage is how large the page may be, in bytes.
const maxPage = 60 << 10

func TestPage_IsSmall(t *testing.T) {
	t.Parallel()
	if len(page) >= maxPage {
		t.Errorf("got a page of %d bytes, want less than %d", len(page), maxPage)
	}
}

// TestPage_BuildsElementsFromText looks for all ways to make markup or code of a text.
func TestPage_BuildsElementsFromText(t *testing.T) {
	t.Parallel()
	for _, way := range []string{
		"innerHTML", "outerHTML", "insertAdjacentHTML", "setHTML", "document.write", "parseFromString", "createContextualFragment", "srcdoc",
		"eval(", "new Function", "Function(", "setTimeout('", `setTimeout("`, "import(", "javascript:",
	} {
		if i := strings.Index(page, way); i >= 0 {
			t.Errorf("got %q in the page: %.80s", way, page[i:])
		}
	}
}

// TestPage_FitsItsPolicy looks for code and styles that the Content-Security-Policy forbids.
func TestPage_FitsItsPolicy(t *testing.T) {
	t.Parallel()
	head, rest, ok := strings.Cut(page, `<script nonce="{{nonce}}">`)
	script, tail, closed := strings.Cut(rest, "</script>")
	if !ok || !closed || strings.Contains(head, "<script") || strings.Contains(tail, "<script") {
		t.Fatal("got no script or several, want one with a nonce")
	}
	if strings.Count(head, "<style") != 1 || !strings.Contains(head, `<style nonce="{{nonce}}">`) {
		t.Error("got no style or several, want one with a nonce")
	}
	markup := head + tail
	if found := regexp.MustCompile(`<[^>]*\s(style|on[a-z]+)=`).FindString(markup); found != "" {
		t.Errorf("got the attribute %s, want none with style or code", found)
	}
	if strings.Contains(script, "setAttribute('style'") {
		t.Error("got a style attribute from the script, want style.setProperty")
	}
	if n := strings.Count(page, "{{"); n != 2 {
		t.Errorf("got %d texts to replace, want the two nonces", n)
	}
}

// TestPage_NamesNoOtherHost looks for addresses in the page. Those of SVG's namespace are names.
func TestPage_NamesNoOtherHost(t *testing.T) {
	t.Parallel()
	for _, address := range regexp.MustCompile(`(?i)[a-z]*://[^\s'")]*`).FindAllString(page, -1) {
		if address != "http://www.w3.org/2000/svg" {
			t.Errorf("got the address %s, want none", address)
		}
	}
	if strings.Contains(page, "@import") || regexp.MustCompile(`url\(`).MatchString(page) {
		t.Error("got a style sheet that loads something")
	}
}

package traceheader

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

const (
	root   = "Root=1-5759e988-bd862e3fe1be46a994272793"
	parent = "Parent=557abcec3ee5a047"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const id, span = "5759e988bd862e3fe1be46a994272793", "557abcec3ee5a047"
	for name, c := range map[string]struct {
		in         string
		id, parent string // empty: none is parsed
		sampled    Sampling
		extra      string
		text       string // empty: the same as in
	}{
		"everything":      {root + ";" + parent + ";Sampled=1", id, span, Yes, "", ""},
		"not sampled":     {root + ";" + parent + ";Sampled=0", id, span, No, "", ""},
		"only root":       {root, id, "", Unknown, "", ""},
		"no parent":       {root + ";Sampled=1", id, "", Yes, "", ""},
		"no decision":     {root + ";" + parent, id, span, Unknown, "", ""},
		"undecided":       {root + ";" + parent + ";Sampled=?", id, span, Asked, "", ""},
		"bad decision":    {root + ";" + parent + ";Sampled=yes", id, span, Unknown, "", ""},
		"lineage":         {root + ";" + parent + ";Sampled=1;Lineage=25:a87bd80c:0", id, span, Yes, "Lineage=25:a87bd80c:0", ""},
		"lineage first":   {"Lineage=1:x:2;" + root + ";" + parent + ";Sampled=1", id, span, Yes, "Lineage=1:x:2", ""},
		"unknown fields":  {"A=1;" + root + ";B=2;" + parent + ";Sampled=1;flag", id, span, Yes, "A=1;B=2;flag", ""},
		"any order":       {"Sampled=1;" + parent + ";" + root, id, span, Yes, "", ""},
		"spaces":          {" " + root + " ; " + parent + " ; Sampled=1 ;", id, span, Yes, "", ""},
		"self":            {"Self=1-67891234-12456789abcdef012345678;" + root + ";" + parent + ";Sampled=1", id, span, Yes, "", root + ";" + parent + ";Sampled=1"},
		"twice":           {root + ";" + parent + ";Sampled=0;Sampled=1;Parent=1111111111111111", id, span, No, "", ""},
		"upper case":      {"Root=1-5759E988-BD862E3FE1BE46A994272793;" + parent + ";Sampled=1", id, span, Yes, "", ""},
		"short root":      {"Root=1-5759e988-bd862e3fe1be46a99427279;" + parent + ";Sampled=1", "", span, Yes, "", ""},
		"other version":   {"Root=2-5759e988-bd862e3fe1be46a994272793;" + parent + ";Sampled=1", "", span, Yes, "", ""},
		"no hex":          {"Root=1-5759e98x-bd862e3fe1be46a994272793;" + parent + ";Sampled=1", "", span, Yes, "", ""},
		"half hex":        {"Root=1-5759e988-bd862e3fe1be46a99427279x;" + parent + ";Sampled=1", "", span, Yes, "", ""},
		"zero root":       {"Root=1-00000000-000000000000000000000000;" + parent + ";Sampled=1", "", span, Yes, "", ""},
		"zero parent":     {root + ";Parent=0000000000000000;Sampled=1", id, "", Yes, "", ""},
		"bad parent":      {root + ";Parent=557abcec3ee5a04;Sampled=1", id, "", Yes, "", ""},
		"empty":           {"", "", "", Unknown, "", ""},
		"garbage":         {"garbage", "", "", Unknown, "garbage", ""},
		"only separators": {";;=;", "", "", Unknown, "=", ""},
		"header smuggled": {root + ";" + parent + ";Sampled=1\r\nX-Evil: 1", "", "", Unknown, "", "-"},
		"half a parent":   {root + ";Parent=557abcec3ee5a04x;Sampled=1", id, "", Yes, "", ""},
		"two roots":       {root + ";" + parent + ";Sampled=1;Root=1-11111111-111111111111111111111111", id, span, Yes, "", ""},
		"bad root first":  {"Root=x;" + root + ";" + parent, "", span, Unknown, "", ""},
		"two parents":     {"Parent=x;" + root + ";" + parent, id, "", Unknown, "", ""},
		"lineage, lines":  {root + ";" + parent + ";Sampled=1;Lineage=1:a:0\r\nX-Evil:1", "", "", Unknown, "", "-"},
		"lineage, tab":    {root + ";" + parent + ";Sampled=1;Lineage=1:\ta", "", "", Unknown, "", "-"},
		"lineage, delete": {root + ";" + parent + ";Sampled=1;Lineage=1:\x7f", "", "", Unknown, "", "-"},
		"lineage, letter": {root + ";" + parent + ";Sampled=1;Lineage=1:é", "", "", Unknown, "", "-"},
		"lineage, space":  {root + ";" + parent + ";Sampled=1;Lineage=1: a", id, span, Yes, "Lineage=1: a", ""},
		"lineage, more":   {root + ";" + parent + ";Sampled=1;Lineage=1:a;B=2", id, span, Yes, "Lineage=1:a;B=2", ""},
		"lineage, self":   {root + ";" + parent + ";Sampled=1;Lineage=1:a;Self=2", id, span, Yes, "Lineage=1:a", root + ";" + parent + ";Sampled=1;Lineage=1:a"},
		"lineage alone":   {root + ";" + parent + ";Sampled=1;", id, span, Yes, "", ""},
		"longer decision": {root + ";" + parent + ";Sampled=11", id, span, Unknown, "", ""},
		"no parent field": {root + ";Origin=557abcec3ee5a047;Sampled=1", id, "", Yes, "Origin=557abcec3ee5a047", ""},
		"no sampled":      {root + ";" + parent + ";Decided=1", id, span, Unknown, "Decided=1", ""},
		"no root field":   {"Tree=1-5759e988-bd862e3fe1be46a994272793;" + parent + ";Sampled=1", "", span, Yes, "Tree=1-5759e988-bd862e3fe1be46a994272793", ""},
		"lineage, tilde":  {root + ";" + parent + ";Sampled=1;Lineage=1:~", id, span, Yes, "Lineage=1:~", ""},
		"another extra":   {root + ";" + parent + ";Sampled=1;Extended=1", id, span, Yes, "Extended=1", ""},
		"self in usual":   {root + ";" + parent + ";Sampled=1;Self=2", id, span, Yes, "", root + ";" + parent + ";Sampled=1"},
		"root, no dash":   {"Root=1-5759e9880bd862e3fe1be46a994272793;" + parent + ";Sampled=1", "", span, Yes, "", ""},
		"flags":           {"Root;Parent;Sampled;Self", "", "", Unknown, "Root;Parent;Sampled;Self", ""},
		"empty fields":    {"A=1;; ;" + root, id, "", Unknown, "A=1", ""},
		"high digit":      {"Root=1-x759e988-bd862e3fe1be46a994272793;Parent=x57abcec3ee5a047;Sampled=1", "", "", Yes, "", ""},
		"longest":         {root + ";" + strings.Repeat("x", maxText-len(root)-1), id, "", Unknown, strings.Repeat("x", maxText-len(root)-1), ""},
		"too long by one": {root + ";" + strings.Repeat("x", maxText-len(root)), "", "", Unknown, "", "-"},
		"endless":         {root + ";" + strings.Repeat("x", maxText), "", "", Unknown, "", "-"},
	} {
		h := Parse(c.in)
		gotID, gotParent := "", ""
		if h.TraceID != [16]byte{} {
			gotID = hex.EncodeToString(h.TraceID[:])
		}
		if h.Parent != [8]byte{} {
			gotParent = hex.EncodeToString(h.Parent[:])
		}
		want := c.text
		switch want {
		case "":
			want = c.in
		case "-":
			want = ""
		}
		if gotID != c.id || gotParent != c.parent || h.Sampled != c.sampled || h.Extra != c.extra || h.Text() != want {
			t.Errorf("%s: %q: got %+v, want %+v", name, c.in, h, c)
		}
		if want := c.sampled == Yes || c.sampled == No; h.Decided() != want {
			t.Errorf("%s: got decided %v, want %v", name, h.Decided(), want)
		}
		if h.Traced() != (c.id != "" && c.parent != "" && c.sampled == Yes) {
			t.Errorf("%s: got traced %v, want %v", name, h.Traced(), !h.Traced())
		}
	}
}

func TestAppend(t *testing.T) {
	t.Parallel()
	h := Parse(root + ";" + parent + ";Sampled=1;Lineage=a:b")
	if got, want := string(Append(nil, h.TraceID, h.Parent, true, h.Extra)), root+";"+parent+";Sampled=1;Lineage=a:b"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := string(Append(nil, h.TraceID, h.Parent, false, "")), root+";"+parent+";Sampled=0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	text := New(time.Unix(0x5759e988, 0))
	if h := Parse(text); !h.Traced() || h.Text() != text || !strings.HasPrefix(text, "Root=1-5759e988-") {
		t.Errorf("got %s, want a sampled header of the time 5759e988", text)
	}
	if other := New(time.Unix(0x5759e988, 0)); other == text {
		t.Errorf("got %s twice, want two traces", text)
	}
}

func TestNewTraceID_IsRandomBehindTheTime(t *testing.T) {
	t.Parallel()
	now := time.Unix(0x5759e988, 0)
	var seen [16]bool // that a byte has changed
	first := NewTraceID(now)
	for range 100 {
		for i, b := range NewTraceID(now) {
			seen[i] = seen[i] || b != first[i]
		}
	}
	for i, changed := range seen {
		if want := i >= 4; changed != want {
			t.Errorf("byte %d: got a change %v, want %v", i, changed, want)
		}
	}
	if a, b := NewSpanID(), NewSpanID(); a == b || a == [8]byte{} {
		t.Errorf("got the span ids %x and %x, want two", a, b)
	}
}

func TestRoot(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		root + ";" + parent + ";Sampled=1": strings.TrimPrefix(root, "Root="),
		"Sampled=1; Root=1-2-3;Root=4":     "1-2-3",
		"1-2-3":                            "1-2-3",
		"Self=1-2-3":                       "",
		"":                                 "",
	} {
		if got := Root(header); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	if got, ok := FromContext(NewContext(t.Context(), root)); got != root || !ok {
		t.Errorf("got %q and %v, want %q and true", got, ok, root)
	}
	if got, ok := FromContext(t.Context()); got != "" || ok {
		t.Errorf("got %q and %v, want none", got, ok)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(root + ";" + parent + ";Sampled=1;Lineage=a:b;Self=x")
	f.Add("Sampled=?;;Root=1-")
	f.Fuzz(func(t *testing.T, s string) {
		h := Parse(s)
		for i := range len(h.Text()) {
			if c := h.Text()[i]; c < ' ' || c > '~' {
				t.Fatalf("got text %q, want only printable characters", h.Text())
			}
		}
		if !h.Traced() {
			return
		}
		span := [8]byte{1}
		next := Parse(string(Append(nil, h.TraceID, span, true, h.Extra)))
		if next.TraceID != h.TraceID || next.Parent != span || !next.Traced() || next.Extra != h.Extra {
			t.Fatalf("%q: got %+v from the appended header, want the trace and extra fields of %+v", s, next, h)
		}
	})
}

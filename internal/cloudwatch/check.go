package cloudwatch

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// metadataName is the name of the metadata in a fragment.
const metadataName = "Lambdakit"

// metadata is the input that a fragment was made of.
type metadata struct {
	Flags   flags
	Metrics []string `json:",omitempty"` // with their dimensions
	Fields  []string `json:",omitempty"`
	Sources []string `json:",omitempty"`
	Toolkit []string `json:",omitempty"` // fields of the toolkit that add a query
	More    int      `json:",omitempty"` // metrics and fields that are not listed
}

// flags are the Options.
type flags struct {
	Name            string
	TimeoutSeconds  int
	SourceQueue     string   `json:",omitempty"`
	DeadLetterQueue string   `json:",omitempty"`
	Stream          bool     `json:",omitempty"`
	Async           bool     `json:",omitempty"`
	Expect          []string `json:",omitempty"`
	Retention       int
	ExistingLogs    bool `json:",omitempty"`
	NoTopic         bool `json:",omitempty"`
}

// maxListed is the number of metrics, and of fields, that the metadata lists. A template may have 51,200
// bytes.
const maxListed = 100

// queryFields are the fields of the toolkit that add a query if a run shows them.
var queryFields = []string{"cold_start", "correlation_id", "http_route", "message_id", "tenant_id"}

func (f *Fragment) metadata() metadata {
	o := &f.observation
	m := metadata{Flags: flags{
		f.options.Name, int(f.options.Timeout.Seconds()), f.options.SourceQueue, f.options.DeadLetterQueue,
		f.options.Stream, f.options.Async, f.options.Expect, f.options.Retention, f.options.ExistingLogGroup, f.options.NoTopic,
	}}
	for _, x := range o.Metrics {
		m.Metrics = append(m.Metrics, f.listed(x))
	}
	m.Fields = o.Fields
	for _, s := range o.Sources {
		m.Sources = append(m.Sources, string(s))
	}
	for _, name := range queryFields {
		if o.has(name) {
			m.Toolkit = append(m.Toolkit, name)
		}
	}
	for _, list := range []*[]string{&m.Metrics, &m.Fields} {
		if more := len(*list) - maxListed; more > 0 {
			*list = (*list)[:maxListed]
			m.More += more
		}
	}
	return m
}

// listed returns a metric as the metadata lists it, with its unit.
func (f *Fragment) listed(m Metric) string {
	if m.Unit == "" {
		return m.series()
	}
	return m.series() + " " + m.Unit
}

// Committed is a fragment that was written before.
type Committed struct {
	IsTerraform bool
	content     map[string]any
	metadata    metadata
}

// ReadCommitted reads a fragment that was written before.
func ReadCommitted(text []byte) (*Committed, error) {
	c := new(Committed)
	var doc struct {
		Metadata map[string]json.RawMessage
		Comment  map[string]json.RawMessage `json:"//"`
	}
	if err := json.Unmarshal(text, &c.content); err != nil {
		return nil, fmt.Errorf("cloudwatch: not a fragment: %w", err)
	}
	if json.Unmarshal(text, &doc) != nil {
		return nil, errors.New("cloudwatch: not a fragment")
	}
	part := doc.Metadata[metadataName]
	if part == nil {
		part, c.IsTerraform = doc.Comment[metadataName], true
	}
	if part == nil || json.Unmarshal(part, &c.metadata) != nil {
		return nil, fmt.Errorf("cloudwatch: not written by lambdakit cloudwatch: there is no %s in its metadata", metadataName)
	}
	return c, nil
}

// Options returns the options that the fragment was made with.
func (c *Committed) Options() Options {
	m := &c.metadata.Flags
	return Options{
		Name: m.Name, Timeout: time.Duration(m.TimeoutSeconds) * time.Second, SourceQueue: m.SourceQueue, DeadLetterQueue: m.DeadLetterQueue,
		Stream: m.Stream, Async: m.Async, Expect: m.Expect, Retention: m.Retention, ExistingLogGroup: m.ExistingLogs, NoTopic: m.NoTopic,
	}
}

// maxDifferences bounds the list of a check.
const maxDifferences = 50

// Compare returns the differences between the committed fragment and f, one a line. The list is empty if
// the committed one is up to date.
func (c *Committed) Compare(f *Fragment) []string {
	was, is := c.metadata, f.metadata()
	var list []string
	lists := func(noun string, was, is []string) {
		for _, name := range is {
			if !slices.Contains(was, name) {
				list = append(list, noun+" "+name+" is new: the fragment does not know it")
			}
		}
		for _, name := range was {
			if !slices.Contains(is, name) {
				list = append(list, noun+" "+name+" is gone: the run does not show it")
			}
		}
	}
	lists("the metric", was.Metrics, is.Metrics)
	lists("the field", append(was.Fields, was.Toolkit...), append(is.Fields, is.Toolkit...))
	lists("the event source", was.Sources, is.Sources)
	if was.More != is.More {
		list = append(list, fmt.Sprintf("%d more metrics or fields than a fragment lists; the fragment has %d more", is.More, was.More))
	}
	if !reflect.DeepEqual(was.Flags, is.Flags) {
		list = append(list, "the flags differ from those of the fragment: "+changedFlags(was.Flags, is.Flags))
	}
	text := f.CloudFormation()
	if c.IsTerraform {
		text = f.Terraform()
	}
	var content map[string]any
	if err := json.Unmarshal(text, &content); err != nil {
		panic("cloudwatch: decode a fragment: " + err.Error())
	}
	if list == nil {
		// Nothing that the function does has changed: the file was edited, or lambdakit writes something else now.
		list = changes("", c.content, content, 0)
	}
	if more := len(list) - maxDifferences; more > 0 {
		list = append(list[:maxDifferences], fmt.Sprintf("%d more differences", more))
	}
	return list
}

func changedFlags(was, is flags) string {
	var names []string
	a, b := reflect.ValueOf(was), reflect.ValueOf(is)
	for i := range a.NumField() {
		if !reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			names = append(names, fmt.Sprintf("%s was %v and is %v", a.Type().Field(i).Name, a.Field(i), b.Field(i)))
		}
	}
	return strings.Join(names, ", ")
}

// changes returns the members of two objects that differ: sections, and resources in them.
func changes(path string, was, is map[string]any, depth int) []string {
	var list []string
	names := make(map[string]bool)
	for _, m := range []map[string]any{was, is} {
		for name := range m {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		at := strings.TrimPrefix(path+"."+name, ".")
		a, hadA := was[name]
		b, hadB := is[name]
		ma, okA := a.(map[string]any)
		mb, okB := b.(map[string]any)
		switch {
		case reflect.DeepEqual(a, b) && hadA == hadB:
		case !hadA:
			list = append(list, at+" is missing in the fragment")
		case !hadB:
			list = append(list, at+" is not a part of the fragment that lambdakit writes")
		case okA && okB && depth < 2:
			list = append(list, changes(at, ma, mb, depth+1)...)
		default:
			list = append(list, at+" differs from the fragment that lambdakit writes")
		}
	}
	return list
}

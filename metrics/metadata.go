package metrics

import (
	"context"
	"slices"
	"strings"

	"github.com/lambdakit/lambdakit/internal/jsonenc"
)

// metadata is a member of documents that is neither a metric nor a dimension.
type metadata struct {
	name   string
	member []byte // "name":value,
}

const maxMetadata = 1000 // members of an invocation

// AddMetadata adds a member to the documents of the invocation that ctx belongs to; see
// [AddDimensions] for the choice of the invocation. Metadata can be searched in the logs.
// CloudWatch makes no metric of them, so a value that is different each time costs nothing.
//
// The value is encoded as JSON immediately. A later value of the same name replaces it. An
// invocation has at most 1,000 members of metadata. Together with the dimensions they fill
// at most three quarters of Options.MaxDocumentBytes. A member that does not fit is left out
// and reported.
func AddMetadata(ctx context.Context, name string, value any) {
	sc := scopes(ctx)
	if sc == nil {
		return
	}
	text, err := encodeMetadata(value)
	name = strings.ToValidUTF8(name, "\uFFFD")
	for ; sc != nil; sc = sc.next {
		if err != nil || name == "_aws" {
			sc.meter.problem("metadata "+shortened(name), "metadata %.60q cannot be encoded as JSON, or have the name that EMF uses itself; they are left out", name)
			continue
		}
		switch sc.addMetadata(name, text) {
		case tooMany:
			sc.meter.problem("metadata count", "an invocation has more than %d members of metadata; %.60q is left out", maxMetadata, name)
		case tooLarge:
			sc.meter.reportTooLarge(name)
		}
	}
}

func (m *Meter) reportTooLarge(name string) {
	m.problem("metadata size "+shortened(name), "metadata %.60q do not fit into a document of %d bytes with the other metadata and the dimensions; they are left out", name, m.maxBytes)
}

// metadataResult says whether metadata are kept, and why not.
type metadataResult uint8

const (
	kept metadataResult = iota
	tooMany
	tooLarge
)

// addMetadata adds a member, or replaces the member of that name. Another goroutine may be
// writing the list, so it is copied before a change of a member.
func (sc *scope) addMetadata(name string, text []byte) metadataResult {
	member := jsonenc.AppendString(make([]byte, 0, len(name)+len(text)+4), name)
	member = append(append(append(member, ':'), text...), ',')
	sc.mu.Lock()
	defer sc.mu.Unlock()
	i := slices.IndexFunc(sc.metadata, func(old metadata) bool { return old.name == name })
	if i >= 0 {
		sc.metadataBytes -= len(sc.metadata[i].member)
		sc.metadata = slices.Clone(sc.metadata)
	}
	switch fits := sc.metadataBytes+len(member) <= sc.meter.maxMetadataBytes(); {
	case i < 0 && len(sc.metadata) >= maxMetadata:
		return tooMany
	case i < 0 && fits:
		sc.metadata = append(sc.metadata, metadata{name, member})
	case i >= 0 && fits:
		sc.metadata[i].member = member
	default:
		if i >= 0 {
			sc.metadata = slices.Delete(sc.metadata, i, i+1) // its value is out of date
		}
		return tooLarge
	}
	sc.metadataBytes += len(member)
	return kept
}

// maxMetadataBytes returns how many bytes of a document metadata and dimensions may fill.
func (m *Meter) maxMetadataBytes() int { return m.maxBytes*3/4 - fixedBytes }

// fittingMetadata are the metadata that fit into a document.
type fittingMetadata struct {
	members []metadata
	size    int  // bytes of the members and of the invocation's id
	hasID   bool // a member has the name of the id
}

// fit selects from all, in their order, the metadata that leave enough bytes for metrics.
func (f *fittingMetadata) fit(m *Meter, all []metadata, id string, dimensionBytes int) {
	f.members, f.hasID = f.members[:0], false
	f.size = len(id)*6 + len(requestIDMember) + len(`"":"",`)
	available := m.maxMetadataBytes() - dimensionBytes - f.size
	for _, x := range all {
		if len(x.member) > available {
			m.reportTooLarge(x.name)
			continue
		}
		available -= len(x.member)
		f.size += len(x.member)
		f.hasID = f.hasID || x.name == requestIDMember
		f.members = append(f.members, x)
	}
}

package batch

import (
	"encoding/json"
	"net/url"
	"time"
)

// S3Event is a body for notifications of S3 that come through a queue, a topic or EventBridge. Keys
// are unescaped.
type S3Event struct{ Records []S3Record }

// S3Record is an event of an object.
type S3Record struct {
	Event     string // such as ObjectCreated:Put; empty through EventBridge: see the detail-type of the envelope
	Time      time.Time
	Region    string
	Bucket    string
	Key       string
	Size      int64
	ETag      string
	VersionID string
	Sequencer string // of two events with the same key, the later one has the greater Sequencer
}

// UnmarshalJSON reads a notification of S3, or the detail of an event of EventBridge.
func (e *S3Event) UnmarshalJSON(data []byte) error {
	var in struct {
		Records []struct {
			EventName string    `json:"eventName"`
			EventTime time.Time `json:"eventTime"`
			Region    string    `json:"awsRegion"`
			S3        struct {
				Bucket s3Bucket `json:"bucket"`
				Object s3Object `json:"object"`
			} `json:"s3"`
		} `json:"Records"`
		Bucket s3Bucket  `json:"bucket"`
		Object *s3Object `json:"object"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	e.Records = nil
	for _, r := range in.Records {
		out := r.S3.Object.record(r.S3.Bucket)
		out.Event, out.Time, out.Region = r.EventName, r.EventTime, r.Region
		if key, err := url.QueryUnescape(out.Key); err == nil { // S3 escapes it like a form
			out.Key = key
		}
		e.Records = append(e.Records, out)
	}
	if in.Object != nil {
		e.Records = append(e.Records, in.Object.record(in.Bucket))
	}
	return nil
}

type s3Bucket struct {
	Name string `json:"name"`
}

type s3Object struct {
	Key       string `json:"key"`
	Size      int64  `json:"size"`
	ETag      string `json:"eTag"` // etag through EventBridge
	VersionID string `json:"versionId"`
	Version   string `json:"version-id"`
	Sequencer string `json:"sequencer"`
}

func (o *s3Object) record(b s3Bucket) S3Record {
	version := o.VersionID
	if version == "" {
		version = o.Version
	}
	return S3Record{Bucket: b.Name, Key: o.Key, Size: o.Size, ETag: o.ETag, VersionID: version, Sequencer: o.Sequencer}
}

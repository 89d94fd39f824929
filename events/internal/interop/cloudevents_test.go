package interop

import (
	"encoding/json"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"pgregory.net/rapid"

	"github.com/lambdakit/lambdakit/events"
)

// The SDK of CloudEvents reads and validates what a Bus publishes, and the package reads what the SDK
// writes.
func TestCloudEvents_AreThoseOfTheSDK(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		var m events.Memory
		e := happened.New(rapid.StringN(1, 30, -1).Draw(r, "key"), data{rapid.Int().Draw(r, "n"), rapid.String().Draw(r, "text")})
		e.Group = rapid.StringN(1, 30, -1).Draw(r, "group")
		e.CorrelationID = rapid.StringMatching(`[a-z0-9-]{0,20}`).Draw(r, "correlation")
		if err := events.New(&m, &events.Options{Envelope: events.CloudEvents}).Publish(t.Context(), e); err != nil {
			r.Fatal(err)
		}
		entry := m.Entries()[0]
		var c cloudevents.Event
		if err := json.Unmarshal(entry.Body, &c); err != nil {
			r.Fatalf("%s: %v", entry.Body, err)
		}
		if err := c.Validate(); err != nil {
			r.Fatalf("%s: %v", entry.Body, err)
		}
		var got data
		if err := c.DataAs(&got); err != nil || got != e.Data || c.ID() != e.ID || c.Type() != "Happened" || c.Source() != "shop" || !c.Time().Equal(entry.Time) {
			r.Fatalf("got %v with %+v, %v, want the event %s", c, got, err, entry.Body)
		}
		if c.Extensions()["dataversion"] != "1" || c.Extensions()["correlationid"] != entry.CorrelationID {
			r.Fatalf("got the extensions %v, want the version and the correlation id", c.Extensions())
		}

		back := cloudevents.NewEvent()
		back.SetID(e.ID)
		back.SetSource("shop")
		back.SetType("Happened")
		back.SetTime(time.Unix(rapid.Int64Range(0, 1<<33).Draw(r, "time"), 0).UTC())
		back.SetExtension("dataversion", 1)
		if err := back.SetData(cloudevents.ApplicationJSON, e.Data); err != nil {
			r.Fatal(err)
		}
		text, err := json.Marshal(back)
		if err != nil {
			r.Fatal(err)
		}
		read, err := happened.Decode(text)
		if err != nil || read.Data != e.Data || read.ID != e.ID || !read.Time.Equal(back.Time()) {
			r.Fatalf("got %+v, %v, want the event %s", read, err, text)
		}
	})
}

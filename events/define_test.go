package events_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/batch"
	"github.com/lambdakit/lambdakit/events"
	"github.com/lambdakit/lambdakit/lambdatest"
)

func wantPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
			t.Errorf("got the panic %q, want one with %q", got, want)
		}
	}()
	f()
}

func TestNew_SameKeySameID(t *testing.T) {
	t.Parallel()
	a, b := orderConfirmed.New("o-1", confirmed{}), orderConfirmed.New("o-1", confirmed{Cents: 1})
	if a.ID != b.ID {
		t.Errorf("got the ids %s and %s, want the same", a.ID, b.ID)
	}
	if len(a.ID) != 36 || a.ID[14] != '5' {
		t.Errorf("got the id %s, want a UUID of version 5", a.ID)
	}
	seen := map[string]string{a.ID: "OrderConfirmed o-1"}
	for name, id := range map[string]string{
		"another key":    orderConfirmed.New("o-2", confirmed{}).ID,
		"another type":   orderShipped.New("o-1", shipped{}).ID,
		"shifted border": events.Define[shipped]("shop.orders", "OrderConfirmedo").New("-1", shipped{}).ID,
	} {
		if other, ok := seen[id]; ok {
			t.Errorf("%s: got the id of %s, want another", name, other)
		}
		seen[id] = name
	}
}

// The id of an event is a key in the tables of users, so it never changes.
func TestNew_IDsAreStable(t *testing.T) {
	t.Parallel()
	if got, want := orderConfirmed.New("o-1", confirmed{}).ID, "30e2c925-97e5-5908-8110-ecabb8c54b2f"; got != want {
		t.Errorf("got the id %s, want %s", got, want)
	}
}

func TestDecode_UpgradesOldVersions(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{
		"metadata, version 1":             `{"metadata":{"id":"e-1","source":"shop.orders","type":"OrderConfirmed","version":1},"data":{"order":"o-1","total":8.5}}`,
		"metadata without version":        `{"metadata":{"id":"e-1","source":"shop.orders","type":"OrderConfirmed"},"data":{"order":"o-1","total":8.5}}`,
		"metadata, version 2":             `{"metadata":{"id":"e-1","source":"shop.orders","type":"OrderConfirmed","version":2},"data":{"order":"o-1","cents":850}}`,
		"CloudEvent, version 1":           `{"specversion":"1.0","id":"e-1","source":"shop.orders","type":"OrderConfirmed","dataversion":"1","data":{"order":"o-1","total":8.5}}`,
		"CloudEvent without version":      `{"specversion":"1.0","id":"e-1","source":"shop.orders","type":"OrderConfirmed","data":{"order":"o-1","total":8.5}}`,
		"CloudEvent, version as a number": `{"specversion":"1.0","id":"e-1","source":"shop.orders","type":"OrderConfirmed","dataversion":2,"data":{"order":"o-1","cents":850}}`,
	} {
		e, err := orderConfirmed.Decode([]byte(payload))
		if err != nil {
			t.Errorf("%s: got %v, want no error", name, err)
			continue
		}
		if want := (confirmed{"o-1", 850}); e.Data != want || e.Version != 2 {
			t.Errorf("%s: got %+v of version %d, want %+v of version 2", name, e.Data, e.Version, want)
		}
	}
}

func TestDecode_Errors(t *testing.T) {
	t.Parallel()
	const metadata = `{"metadata":{"id":"e-1","source":"shop.orders","type":"OrderConfirmed","version":%s},"data":%s}`
	for payload, want := range map[string]error{
		fmt.Sprintf(metadata, "3", "{}"):   events.ErrNewerVersion,
		fmt.Sprintf(metadata, "-1", "{}"):  events.ErrMalformed,
		fmt.Sprintf(metadata, "2", "null"): events.ErrMalformed,
		fmt.Sprintf(metadata, "2", "[1]"):  events.ErrMalformed,
		`{"order":"o-1","cents":850}`:      events.ErrMalformed,
		`{"specversion":"1.0","id":"a","source":"shop.orders","type":"OrderConfirmed","data":null}`:                  events.ErrMalformed,
		`{"specversion":"1.0","id":"a","source":"shop.orders","type":"OrderConfirmed","dataversion":"0","data":{}}`:  events.ErrMalformed,
		`{"specversion":"1.0","id":"a","source":"shop.orders","type":"OrderConfirmed","dataversion":1.5,"data":{}}`:  events.ErrMalformed,
		`{"specversion":"1.0","id":"a","source":"shop.orders","type":"OrderConfirmed","dataversion":" 1","data":{}}`: events.ErrMalformed,
		fmt.Sprintf(metadata, `"x"`, "{}"):    events.ErrMalformed,
		`{"metadata":{"id":"e-1"},"data":{}}`: events.ErrMalformed,
		`[]`:                                  events.ErrMalformed,
		``:                                    events.ErrMalformed,
		`{"metadata":{`:                       events.ErrMalformed,
		`{"specversion":"0.3","id":"a"}`:      events.ErrMalformed,
		`{"specversion":"1.0","id":"a"}`:      events.ErrMalformed,
		`{"specversion":1}`:                   events.ErrMalformed,
		`{"metadata":{"type":"X"},"data":{}}`: events.ErrUnknownType,
		strings.Repeat(`{"data":`, 1_000_000): events.ErrMalformed,
		`{"specversion":"1.0","id":"a","source":"shop.orders","type":"OrderConfirmed"}`:                             events.ErrMalformed,
		`{"specversion":"1.0","id":"a","source":"shop.orders","type":"OrderConfirmed","dataversion":"x","data":{}}`: events.ErrMalformed,
		`{"specversion":"1.0","id":"a","source":"shop.orders","type":"OrderConfirmed","dataversion":[1],"data":{}}`: events.ErrMalformed,
	} {
		if _, err := orderConfirmed.Decode([]byte(payload)); !errors.Is(err, want) {
			t.Errorf("%.100s: got %v, want %v", payload, err, want)
		}
	}
}

func TestDecode_ErrorsDoNotRepeatTheData(t *testing.T) {
	t.Parallel()
	for _, data := range []string{`{"order":"s3cret","cents":"s3cret"}`, `{"order":"s3cret","cents":1`, `{"order":"s3cret","cents":1e400}`} {
		_, err := orderConfirmed.Decode([]byte(`{"metadata":{"source":"shop.orders","type":"OrderConfirmed","version":2},"data":` + data + `}`))
		if err == nil {
			t.Errorf("%s: got no error, want one", data)
		}
		for ; err != nil; err = errors.Unwrap(err) {
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s: got %v, want an error without the data", data, err)
			}
		}
	}
}

func TestDecode_UpcastThatFails(t *testing.T) {
	t.Parallel()
	_, err := orderConfirmed.Decode([]byte(`{"metadata":{"source":"shop.orders","type":"OrderConfirmed","version":1},"data":{"order":"o-1","total":-1}}`))
	if err == nil || !strings.Contains(err.Error(), "upgrade version 1 of OrderConfirmed: the total is negative") {
		t.Errorf("got %v, want the error of the upcast", err)
	}
}

// The error names the type that the data of the old version should have had.
func TestDecode_OldDataThatDoNotFit(t *testing.T) {
	t.Parallel()
	_, err := orderConfirmed.Decode([]byte(`{"metadata":{"source":"shop.orders","type":"OrderConfirmed","version":1},"data":{"order":"o-1","total":"x"}}`))
	var data *events.DataError
	if !errors.As(err, &data) || data.Type != reflect.TypeFor[confirmedV1]() || data.Field != "total" || !strings.Contains(err.Error(), "upgrade version 1 of OrderConfirmed: events: decode events_test.confirmedV1: ") {
		t.Errorf("got %v, want a DataError about the field total of confirmedV1", err)
	}
}

// Each Upcast returns the data of the next version, and the last one T.
func TestDefine_UpcastsFollowOneAnother(t *testing.T) {
	t.Parallel()
	type v2 struct {
		Order string
		Euros float64
	}
	first := events.Upcast(1, func(old confirmedV1) (v2, error) { return v2{old.Order, old.Total}, nil })
	second := events.Upcast(2, func(old v2) (confirmed, error) { return confirmed{old.Order, int(old.Euros * 100)}, nil })
	d := events.Define[confirmed]("shop.orders", "ThreeVersions", events.Version(3), second, first)
	for version, data := range map[int]string{1: `{"order":"o-1","total":8.5}`, 2: `{"Order":"o-1","Euros":8.5}`, 3: `{"order":"o-1","cents":850}`} {
		e, err := d.Decode(fmt.Appendf(nil, `{"metadata":{"source":"shop.orders","type":"ThreeVersions","version":%d},"data":%s}`, version, data))
		if want := (confirmed{"o-1", 850}); err != nil || e.Data != want || e.Version != 3 {
			t.Errorf("version %d: got %+v, %v, want %+v of version 3", version, e, err, want)
		}
	}
	wantPanic(t, "the Upcast of version 1 returns events_test.v2; version 2 has events_test.confirmedV1", func() {
		events.Define[confirmed]("x", "X", events.Version(3), first, events.Upcast(2, func(confirmedV1) (confirmed, error) { return confirmed{}, nil }))
	})
	if d.Source() != "shop.orders" || d.Type() != "ThreeVersions" || d.Version() != 3 {
		t.Errorf("got %s, %s, %d, want the arguments of Define", d.Source(), d.Type(), d.Version())
	}
}

func TestDefine_PanicsOnMisuse(t *testing.T) {
	t.Parallel()
	up := func(old confirmedV1) (confirmed, error) { return confirmed{}, nil }
	wantPanic(t, "must not be empty", func() { events.Define[confirmed]("", "X") })
	wantPanic(t, "must not be empty", func() { events.Define[confirmed]("x", "") })
	wantPanic(t, "has version 2 and no Upcast of version 1", func() { events.Define[confirmed]("x", "X", events.Version(2)) })
	wantPanic(t, "the Upcast of version 1 returns events_test.confirmed", func() { events.Define[shipped]("x", "X", events.Version(2), events.Upcast(1, up)) })
	wantPanic(t, "the Upcast of version 1 returns", func() { events.Define[confirmed]("x", "X", events.Upcast(1, up)) })
	wantPanic(t, "must be UTF-8", func() { events.Define[confirmed]("x", "X\xff") })
	wantPanic(t, "versions count from 1", func() { events.Define[confirmed]("x", "X", events.Version(0)) })
	wantPanic(t, "two Upcasts of version 1", func() {
		events.Define[confirmed]("x", "X", events.Version(2), events.Upcast(1, up), events.Upcast(1, up))
	})
	wantPanic(t, "Upcast: the function is nil", func() { events.Upcast[confirmedV1, confirmed](1, nil) })
	wantPanic(t, "Check: the function is nil", func() { events.Check(nil) })
	wantPanic(t, "the Sender is nil", func() { events.New(nil, nil) })
	wantPanic(t, "the key must not be empty", func() { orderConfirmed.New("", confirmed{}) })
}

func TestCheck_RunsBeforePublishingAndBeforeTheHandler(t *testing.T) {
	t.Parallel()
	refuse := errors.New("no positive total")
	d := events.Define[confirmed]("shop.orders", "Checked", events.Check(func(data []byte) error {
		if strings.Contains(string(data), `"cents":0`) {
			return refuse
		}
		return nil
	}))
	if err := events.New(new(events.Memory), nil).Publish(t.Context(), d.New("o-1", confirmed{})); !errors.Is(err, refuse) {
		t.Errorf("publish: got %v, want the error of the check", err)
	}
	const checked = `{"metadata":{"source":"shop.orders","type":"Checked"},"data":{"cents":%d}}`
	if _, err := d.Decode(fmt.Appendf(nil, checked, 0)); !errors.Is(err, refuse) {
		t.Errorf("decode: got %v, want the error of the check", err)
	}
	e, err := d.Decode(fmt.Appendf(nil, checked, 5))
	if err != nil {
		t.Fatalf("decode: got %v, want no error", err)
	}
	e.Data.Cents = 0
	e.ID = "e-1"
	if err := events.New(new(events.Memory), nil).Publish(t.Context(), e); !errors.Is(err, refuse) {
		t.Errorf("publish an event that was received: got %v, want the error of the check", err)
	}
}

func TestDefinitions_HasAllThatWereDefined(t *testing.T) {
	t.Parallel()
	for _, d := range events.Definitions() {
		if d.Source == "shop.orders" && d.Type == "OrderConfirmed" && d.Version == 2 && d.Data.Name() == "confirmed" {
			return
		}
	}
	t.Errorf("got %v, want OrderConfirmed in it", events.Definitions())
}

func TestDecoder_IsForHandlersOfPackageBatch(t *testing.T) {
	t.Parallel()
	var got []string
	f := batch.SQS(func(_ context.Context, m *batch.Message[events.Event[confirmed]]) error {
		got = append(got, m.Body.ID+" "+m.Body.Data.Order)
		return nil
	}, &batch.Options{Decoder: orderConfirmed.Decoder})
	e := orderConfirmed.New("o-1", confirmed{"o-1", 850})
	other := orderShipped.New("o-1", shipped{"o-1"})
	res := lambdatest.Run(t, f, lambdatest.SQS("orders", lambdatest.Message{Body: body(t, events.CloudEvents, e)}, lambdatest.Message{Body: body(t, events.CloudEvents, other)}))
	if want := "[" + e.ID + " o-1]"; fmt.Sprint(got) != want || len(res.FailedRecords()) != 1 {
		t.Errorf("got %v, and %v reported, want %s and the event of another type reported", got, res.FailedRecords(), want)
	}
	if err := orderConfirmed.Decoder([]byte(body(t, events.CloudEvents, e)), new(confirmed)); err == nil || !strings.Contains(err.Error(), "the Decoder of OrderConfirmed decodes into a *events.Event[") {
		t.Errorf("another type: got %v, want an error with the type that it takes", err)
	}
}

func TestCausedBy_ContinuesTheChain(t *testing.T) {
	t.Parallel()
	e := orderShipped.New("o-1", shipped{}).CausedBy(events.Metadata{ID: "e-1", CorrelationID: "c-1"})
	if e.CausationID != "e-1" || e.CorrelationID != "c-1" {
		t.Errorf("got %+v, want the ids of the cause", e.Metadata)
	}
	if e := orderShipped.New("o-1", shipped{}).CausedBy(events.Metadata{ID: "e-1"}); e.CorrelationID != "e-1" {
		t.Errorf("a cause without correlation id: got %q, want its id", e.CorrelationID)
	}
}

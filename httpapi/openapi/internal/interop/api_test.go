package interop

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/netip"
	"time"

	"github.com/lambdakit/lambdakit/httpapi"
	_ "github.com/lambdakit/lambdakit/httpapi/form"
	_ "github.com/lambdakit/lambdakit/httpapi/pattern"
)

// search has a parameter of each kind.
type search struct {
	Shop    string        `path:"shop" maxLength:"8" doc:"The shop."`
	Limit   int           `query:"limit" default:"20" minimum:"1" maximum:"100"`
	Page    uint8         `query:"page,optional"`
	Price   float64       `query:"price,optional" exclusiveMinimum:"0" exclusiveMaximum:"10"`
	Sort    string        `query:"sort" default:"name" enum:"name,price"`
	Dry     *bool         `query:"dry"`
	Tags    []string      `query:"tag,optional" maxItems:"3" minLength:"1"`
	Sizes   []int32       `query:"size,optional" minItems:"1" minimum:"2"`
	Code    string        `query:"code,optional" pattern:"^[a-z]+[0-9]$"`
	Since   *time.Time    `query:"since"`
	Wait    time.Duration `query:"wait" default:"1m"`
	IP      netip.Addr    `query:"ip,optional"`
	Tenant  string        `header:"X-Tenant" minLength:"2"`
	Colours []string      `header:"X-Colours,optional" enum:"red,green"`
	Session string        `cookie:"session,optional" maxLength:"5"`
	User    string        `auth:"sub,optional"`
}

// found is what search returns.
type found struct {
	base
	*shared
	Items  []item             `json:"items"`
	Names  map[string]*item   `json:"names"`
	Root   *node              `json:"root"`
	Data   []byte             `json:"data"`
	At     time.Time          `json:"at"`
	Took   time.Duration      `json:"took"`
	Raw    json.RawMessage    `json:"raw"`
	IP     netip.Addr         `json:"ip"`
	Any    any                `json:"any"`
	Count  int64              `json:"count,string"`
	Tree   tree               `json:"tree"`
	Number json.Number        `json:"number"`
	Pair   [2]int             `json:"pair"`
	Inner  struct{ A, B int } `json:"inner"`
}

type base struct {
	ID string `json:"id"`
}

type shared struct {
	Note string `json:"note"`
}

type tree []tree

type node struct {
	Value int    `json:"value"`
	Next  *node  `json:"next"`
	Kids  []node `json:"kids,omitempty"`
}

// item has a member of each kind of constraint.
type item struct {
	SKU      string            `json:"sku" required:"true" minLength:"1" maxLength:"6"`
	Quantity int               `json:"quantity" required:"true" minimum:"1" maximum:"1000"`
	Price    float32           `json:"price,omitempty" exclusiveMinimum:"0"`
	Kind     *string           `json:"kind" enum:"a,b"`
	Small    int8              `json:"small,omitempty"`
	Tags     []string          `json:"tags" maxItems:"2" pattern:"^[a-z]*$"`
	Labels   map[string]string `json:"labels"`
	Part     *item             `json:"part"`
	At       *time.Time        `json:"at,omitempty"`
	Data     []byte            `json:"data,omitempty"`
}

type itemBody struct {
	ID   string `path:"id"`
	Body item
}

type id struct {
	ID string `path:"id"`
}

var errGone = errors.New("the item is gone")

func full() found {
	one := item{SKU: "a", Quantity: 1}
	return found{
		base: base{"f-1"}, shared: &shared{"note"}, Items: []item{one}, Names: map[string]*item{"a": &one, "b": nil},
		Root: &node{1, &node{}, []node{{}}}, Data: []byte("data"), At: time.Unix(0, 0).UTC(), Raw: json.RawMessage(`[1]`),
		IP: netip.MustParseAddr("192.0.2.1"), Any: 1, Tree: tree{{}, {{}}}, Number: "1.5",
	}
}

func noop[In, Out any](context.Context, In) (out Out, err error) { return out, nil }

// newAPI returns an API that has routes of each kind.
func newAPI() *httpapi.API {
	api := new(httpapi.API)
	api.Handle("GET /shops/{shop}/items", httpapi.Func(func(context.Context, search) (found, error) { return full(), nil },
		httpapi.About(httpapi.Doc{ID: "search", Summary: "Search", Description: "Search <items>.", Tags: []string{"items"}})))
	api.Handle("GET /empty/{id}", httpapi.Func(func(context.Context, id) (found, error) {
		return found{Number: "0", Raw: json.RawMessage("null")}, nil
	}))
	api.Handle("PUT /items/{id}", httpapi.Func(func(_ context.Context, in itemBody) (httpapi.Response[item], error) {
		return httpapi.Response[item]{Status: http.StatusCreated, Body: in.Body}, nil
	}, httpapi.OnError(errGone, http.StatusGone), httpapi.About(httpapi.Doc{Status: http.StatusCreated})))
	api.Handle("DELETE /items/{item}", httpapi.Func(noop[struct {
		ID string `path:"item"`
	}, struct{}], httpapi.About(httpapi.Doc{Deprecated: true})))
	api.Handle("POST /list", httpapi.Func(noop[struct{ Body *[]item }, map[string][]int], httpapi.Strict()))
	api.Handle("POST /strict", httpapi.Func(noop[struct{ Body item }, any], httpapi.Strict()))
	api.Handle("POST /bytes", httpapi.Func(noop[struct{ Body []byte }, []byte]))
	api.Handle("POST /text", httpapi.Func(noop[struct{ Body string }, string]))
	api.Handle("POST /form", httpapi.Func(noop[struct{ Body *multipart.Form }, *item]))
	api.Handle("GET /reader/{path...}", httpapi.Func(noop[struct {
		Path string `path:"path"`
	}, io.Reader]))
	api.Handle("GET /me", httpapi.Func(noop[struct {
		User string `auth:"sub"`
	}, struct{}]))
	api.Handle("/any/{id}", httpapi.Func(noop[id, struct{}], httpapi.About(httpapi.Doc{ID: "any"})))
	api.Handle("GET example.com/host/{$}", httpapi.Func(noop[struct{}, struct{}]))
	api.Handle("/files/{name}", http.NotFoundHandler())
	api.Handle("GET /pages/", http.NotFoundHandler())
	api.Handle("/", http.NotFoundHandler())
	return api
}

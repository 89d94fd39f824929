// Package form makes package httpapi read multipart forms into bodies of the type *multipart.Form.
// Import it for its effect:
//
//	import _ "github.com/lambdakit/lambdakit/httpapi/form"
//
// It links package mime/multipart, about 45 KB.
package form

import (
	"net/http"

	"github.com/lambdakit/lambdakit/httpapi"
)

func init() {
	httpapi.SetFormParser(func(w http.ResponseWriter, r *http.Request, maxBytes int64) error {
		r.Body = http.MaxBytesReader(w, r.Body, maxBytes)
		return r.ParseMultipartForm(maxBytes)
	})
}

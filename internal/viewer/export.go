package viewer

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

// hidden is the value of a member that an export hides.
const hidden = "(hidden)"

// secretMembers are the members of events and responses that the page hides until they are clicked.
var secretMembers = []string{"authorization", "proxy-authorization", "cookie", "cookies", "set-cookie", "x-api-key", "apikey", "x-amz-security-token"}

func isSecret(name string) bool { return slices.Contains(secretMembers, strings.ToLower(name)) }

// export answers with an invocation as a file. It lacks the values of secretMembers in events and
// responses. Lines, spans and metrics stay as the function wrote them.
func (s *Server) export(w http.ResponseWriter, r *http.Request) {
	inv, ok := s.Store.Invocation(r.PathValue("id"))
	if !ok {
		complain(w, http.StatusNotFound, errUnknown)
		return
	}
	for _, text := range []*string{&inv.Event.Text, &inv.Event.Decoded, &inv.Response.Text, &inv.Response.Decoded, &inv.Response.Prelude} {
		*text = withoutSecrets(*text)
	}
	for i := range inv.Batch {
		inv.Batch[i].Body = withoutSecrets(inv.Batch[i].Body)
	}
	state := s.Store.State()
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", fmt.Sprintf("%s-%d.json", fileName(state.Function), inv.Number)))
	reply(w, http.StatusOK, map[string]any{"lambdakit": state.Version, "function": state.Function, "invocation": inv})
}

// withoutSecrets returns a JSON text without the values of secretMembers. Any other text stays as it is.
func withoutSecrets(text string) string {
	if !json.Valid([]byte(text)) {
		return text
	}
	return string(jsonscan.AppendCompact(nil, []byte(text), isSecret, hidden))
}

var notInFileNames = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

func fileName(function string) string {
	if name := notInFileNames.ReplaceAllString(function, "_"); name != "" {
		return name
	}
	return "invocation"
}

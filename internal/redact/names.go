package redact

import (
	"net/url"
	"strings"
)

// Place is the kind of text that contains a name and its value. A short name such as "key" names a
// credential in the query of a URL, and is an ordinary word elsewhere.
type Place uint8

const (
	InQuery  Place = 1 << iota // ?name=value in a URL, or a form
	InText                     // name=value in the text of an error
	InField                    // a member of an event, such as a header
	InString                   // a member of an event whose value is a string

	everywhere = InQuery | InText | InField | InString
)

// names maps complete names, without punctuation, to the places in which they name a credential.
var names = map[string]Place{
	"password": everywhere, "passwd": everywhere, "pwd": everywhere, "passphrase": everywhere, "secret": everywhere,
	"token": everywhere, "apikey": everywhere, "signature": everywhere, "awsaccesskeyid": everywhere, "authorization": everywhere,

	"sig": InQuery, "hmac": InQuery, "key": InQuery, "code": InQuery, "sid": InQuery, "pass": InQuery | InString, "otp": InQuery | InString,
	"auth": InQuery | InString, "xauth": InQuery | InField | InString, "session": InQuery | InString, "bearer": InQuery | InString,
	"jwt": InQuery | InText | InString, "assertion": InQuery | InString, "samlresponse": everywhere,
	"credential": InQuery | InString, "credentials": InQuery | InString, "sessionid": InQuery | InText, "accesskey": everywhere,

	"cookie": InQuery | InField | InString, "cookies": InField | InString, "setcookie": InField | InString, "setcookie2": InField | InString,
	"xamznoidcdata": everywhere,

	// Tokens that do not give access.
	"nexttoken": 0, "pagetoken": 0, "nextpagetoken": 0, "prevpagetoken": 0, "continuationtoken": 0, "nextcontinuationtoken": 0,
	"startingtoken": 0, "synctoken": 0, "clienttoken": 0, "clientrequesttoken": 0, "idempotencytoken": 0,
}

// suffixes are the ends of longer names that name a credential.
var suffixes = []struct {
	text  string
	place Place
}{
	{"token", everywhere}, {"secret", everywhere}, {"password", everywhere}, {"passwd", everywhere}, {"passphrase", everywhere},
	{"apikey", everywhere}, {"accesskey", everywhere}, {"secretkey", everywhere}, {"privatekey", everywhere}, {"accountkey", everywhere},
	{"subscriptionkey", everywhere}, {"functionskey", everywhere}, {"signingkey", everywhere}, {"signature", everywhere},
	{"authorization", everywhere}, {"clientassertion", everywhere}, {"accesskeyid", everywhere}, {"credential", InQuery | InText | InString},
	{"credentials", InQuery | InString}, {"sessionid", InQuery | InText}, {"sessid", InQuery | InText}, {"jwt", InQuery | InText | InString},
}

// maxName is the number of bytes of a name that are compared, counted from its end.
const maxName = 64

// Credential reports whether the value of name is a credential. It ignores case and punctuation:
// X-Api-Key, api_key and user[apiKey] give the same result.
func Credential(name string, place Place) bool {
	if strings.Contains(name, "%") {
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
	}
	var b [maxName]byte
	i := len(b)
	for at := len(name) - 1; at >= 0 && i > 0; at-- {
		switch c := name[at]; {
		case 'A' <= c && c <= 'Z':
			i--
			b[i] = c + 'a' - 'A'
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			i--
			b[i] = c
		}
	}
	plain := b[i:]
	if where, ok := names[string(plain)]; ok {
		return where&place != 0
	}
	for _, s := range suffixes {
		if n := len(plain) - len(s.text); n >= 0 && string(plain[n:]) == s.text {
			return s.place&place != 0
		}
	}
	return false
}

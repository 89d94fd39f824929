// Package extension reads parameters and secrets through the AWS Parameters and Secrets Lambda
// Extension. The extension is a Lambda layer that answers over HTTP inside the execution
// environment, so the binary needs no AWS SDK.
//
//	cache, err := params.New(extension.ParameterStore(nil), nil)
//	secrets, err := params.New(extension.SecretsManager(nil), nil)
//
// # Limits of the extension
//
//   - It answers only while an invocation runs. A fetch before the first invocation, such as
//     params.Load in main, fails with an error that says so. Load in the handler instead, for
//     example in a sync.OnceValues.
//   - It does not support paths and Put. Many and Load make one request for each name.
//   - It caches values for up to 300 seconds (SSM_PARAMETER_STORE_TTL and SECRETS_MANAGER_TTL).
//     Cache.Fresh and params.RunWithRotation cannot bypass this cache unless its TTL is 0. (AWS
//     Systems Manager User Guide, Using Parameter Store parameters in Lambda functions)
//
// # Errors
//
// [ParameterStore] and [SecretsManager] cannot fail and make no request. If the layer is missing or
// the port is wrong, each fetch fails. If the extension does not answer, or answers with a
// transient error such as a status 5xx, the source tries at most three times.
//
// # Permissions
//
// The role of the function needs ssm:GetParameter or secretsmanager:GetSecretValue. If a
// customer managed key encrypts the value, it also needs kms:Decrypt.
package extension

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/lambdakit/lambdakit/internal/ssmname"
	"github.com/lambdakit/lambdakit/params"
	"github.com/lambdakit/lambdakit/params/internal/local"
)

// Options configures a source. A nil *Options, and every zero field, means the default.
type Options struct {
	// DisableDecryption leaves the values of SecureStrings encrypted. Default: the extension
	// decrypts them.
	DisableDecryption bool

	// VersionStage is the staging label of secrets, such as AWSPREVIOUS. Default: AWSCURRENT.
	VersionStage string

	// Client makes the requests. Default: a client without a proxy.
	Client *http.Client

	// URL is the address of the extension. Default: http://localhost:PORT. PORT is
	// PARAMETERS_SECRETS_EXTENSION_HTTP_PORT, else 2773.
	URL string
}

// maxBody bounds the bytes of an answer. A parameter has at most 8 KB, a secret 64 KB.
const maxBody = 1 << 20

// Source reads from the extension. [ParameterStore] and [SecretsManager] make one.
type Source struct {
	o     Options
	fetch func(ctx context.Context, s *Source, name string) (params.Value, error)
}

// ParameterStore returns a source of the parameters of Parameter Store. A name may be an ARN. It may
// end in a version or a label, such as "/app/url:3" or "/app/url:prod".
func ParameterStore(o *Options) *Source { return newSource(o, fetchParameter) }

// SecretsManager returns a source of the secrets of Secrets Manager. A name may be an ARN.
func SecretsManager(o *Options) *Source { return newSource(o, fetchSecret) }

func newSource(o *Options, fetch func(context.Context, *Source, string) (params.Value, error)) *Source {
	s := &Source{fetch: fetch}
	if o != nil {
		s.o = *o
	}
	if s.o.URL == "" {
		s.o.URL = "http://localhost:" + cmp.Or(os.Getenv("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"), "2773")
	}
	s.o.Client = local.Client(s.o.Client)
	return s
}

// Fetch implements params.Source.
func (s *Source) Fetch(ctx context.Context, name string) (params.Value, error) {
	return s.fetch(ctx, s, name)
}

// CachedElsewhere implements params.Fixed.
func (s *Source) CachedElsewhere() string { return "the extension, for up to 300 s" }

func fetchParameter(ctx context.Context, s *Source, name string) (params.Value, error) {
	query := url.Values{}
	base, selector := ssmname.Split(name)
	query.Set("name", base)
	if selector != "" {
		if _, err := strconv.ParseUint(selector, 10, 63); err == nil {
			query.Set("version", selector)
		} else {
			query.Set("label", selector)
		}
	}
	if !s.o.DisableDecryption {
		query.Set("withDecryption", "true")
	}
	var answer struct {
		Parameter struct {
			Value   *string
			Type    string
			Version int64
		}
	}
	if err := s.get(ctx, "/systemsmanager/parameters/get", query, &answer); err != nil {
		return params.Value{}, err
	}
	p := answer.Parameter
	if p.Value == nil {
		return params.Value{}, errors.New("the extension's answer has no value")
	}
	return params.Value{Text: *p.Value, Version: strconv.FormatInt(p.Version, 10), Secret: p.Type == "SecureString"}, nil
}

func fetchSecret(ctx context.Context, s *Source, name string) (params.Value, error) {
	query := url.Values{"secretId": {name}}
	if s.o.VersionStage != "" {
		query.Set("versionStage", s.o.VersionStage)
	}
	var answer struct {
		SecretString *string
		SecretBinary *string
		VersionID    string `json:"VersionId"`
	}
	if err := s.get(ctx, "/secretsmanager/get", query, &answer); err != nil {
		return params.Value{}, err
	}
	v := params.Value{Version: answer.VersionID, Secret: true}
	switch {
	case answer.SecretString != nil:
		v.Text = *answer.SecretString
	case answer.SecretBinary != nil:
		b, err := base64.StdEncoding.DecodeString(*answer.SecretBinary)
		if err != nil {
			return params.Value{}, errors.New("the extension's answer has a binary that is not base64")
		}
		v.Text = string(b)
	default:
		return params.Value{}, errors.New("the extension's answer has no value")
	}
	return v, nil
}

// get makes a request and decodes the answer. Errors contain neither the token, which is in a
// header, nor the answer, except a known error code.
func (s *Source) get(ctx context.Context, path string, query url.Values, answer any) error {
	res, body, err := local.Get(ctx, s.o.Client, local.Request{
		Server: "the Parameters and Secrets extension", URL: s.o.URL + path + "?" + query.Encode(), MaxBody: maxBody, Transient: transient,
		Header: http.Header{"X-Aws-Parameters-Secrets-Token": {os.Getenv("AWS_SESSION_TOKEN")}},
	})
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return answerError(res.StatusCode, string(body))
	}
	if json.Unmarshal(body, answer) != nil {
		return errors.New("the extension's answer is not the expected JSON")
	}
	return nil
}

// transient reports whether the error in an answer is worth another try. The status does not
// say it, because the extension answers 400 for most errors of the services.
func transient(body []byte) bool {
	for _, text := range []string{notReady, "Throttl", "TooManyUpdates", "InternalServ", "ServiceUnavailable"} {
		if bytes.Contains(body, []byte(text)) {
			return true
		}
	}
	return false
}

// notReady is part of the extension's answer before the first invocation.
const notReady = "not ready to serve traffic"

// answerError returns the error for an answer with another status than 200.
func answerError(status int, body string) error {
	err := fmt.Errorf("the extension answered %d", status)
	for _, known := range []struct {
		text string
		kind error
	}{
		{"ParameterNotFound", params.ErrNotFound}, {"ParameterVersionNotFound", params.ErrNotFound}, {"ResourceNotFoundException", params.ErrNotFound},
		{"AccessDenied", params.ErrAccessDenied}, {"Throttl", params.ErrThrottled}, {"TooManyUpdates", params.ErrThrottled},
	} {
		if strings.Contains(body, known.text) {
			return params.WithKind(fmt.Errorf("%w: %s", err, known.text), known.kind)
		}
	}
	switch {
	case strings.Contains(body, notReady):
		return fmt.Errorf("%w: it answers only while an invocation runs, so load in the handler", err)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return params.WithKind(err, params.ErrAccessDenied)
	case status == http.StatusTooManyRequests:
		return params.WithKind(err, params.ErrThrottled)
	}
	return err
}

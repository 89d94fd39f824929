// Package secrets reads secrets of AWS Secrets Manager.
//
//	store, err := params.New(secretsmanager.New(nil, nil), nil)
//	password, err := store.Secret(ctx, "shop/db/password")
//
// A name may be an ARN. [Version] and [Stage] name one version of a secret. Many secrets
// are fetched twenty at a time, the most that the API takes, where they are current
// versions. The function's role needs secretsmanager:GetSecretValue for each secret,
// secretsmanager:BatchGetSecretValue to fetch many, PutSecretValue and CreateSecret to
// write, and kms:Decrypt for keys of its own.
package secrets

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/lambdakit/lambdakit/aws/internal/awsenv"
	"github.com/lambdakit/lambdakit/aws/internal/kind"
	"github.com/lambdakit/lambdakit/params"
)

// API is what is used of a *secretsmanager.Client.
type API interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
	BatchGetSecretValue(context.Context, *secretsmanager.BatchGetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.BatchGetSecretValueOutput, error)
	PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
	CreateSecret(context.Context, *secretsmanager.CreateSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.CreateSecretOutput, error)
}

// Options configures a [Source]. A nil *Options, and every zero field, means the default.
type Options struct {
	// NoBatch fetches many secrets one by one: for roles that may not use
	// BatchGetSecretValue.
	NoBatch bool

	// Binary makes Put write binaries.
	Binary bool

	// KMSKeyID and Description go with secrets that Put creates.
	KMSKeyID    string
	Description string
}

// Source is a params.Source, with many names and Put. Make one with [New].
type Source struct {
	o      Options
	client func() API
}

var (
	_ params.ManySource = (*Source)(nil)
	_ params.PutSource  = (*Source)(nil)
)

// New returns a Source that uses client. If that is nil, the first fetch makes one from
// environment variables: the region and the credentials that Lambda sets, and the endpoints
// that the SDK documents, such as AWS_ENDPOINT_URL_SECRETS_MANAGER. Profiles and
// configuration files do not count.
func New(client API, o *Options) *Source {
	s := new(Source)
	if o != nil {
		s.o = *o
	}
	s.client = awsenv.Lazy(client, func(cfg aws.Config) API { return secretsmanager.NewFromConfig(cfg) })
	return s
}

const (
	versionMark = "#version="
	stageMark   = "#stage="
)

// Version returns the parameter's name of one version of a secret.
func Version(secret, id string) string { return secret + versionMark + id }

// Stage returns the parameter's name of the version of a secret in a stage, such as
// AWSPREVIOUS.
func Stage(secret, stage string) string { return secret + stageMark + stage }

// input takes a parameter's name apart.
func input(name string) *secretsmanager.GetSecretValueInput {
	in := new(secretsmanager.GetSecretValueInput)
	if secret, id, ok := strings.Cut(name, versionMark); ok {
		name, in.VersionId = secret, &id
	} else if secret, stage, ok := strings.Cut(name, stageMark); ok {
		name, in.VersionStage = secret, &stage
	}
	in.SecretId = &name
	return in
}

func current(name string) bool {
	return !strings.Contains(name, versionMark) && !strings.Contains(name, stageMark)
}

// Fetch implements params.Source.
func (s *Source) Fetch(ctx context.Context, name string) (params.Value, error) {
	out, err := s.client().GetSecretValue(ctx, input(name))
	if err != nil {
		return params.Value{}, kind.Of(err)
	}
	return value(out.SecretString, out.SecretBinary, out.VersionId)
}

// value prefers the string, also an empty one.
func value(text *string, binary []byte, version *string) (params.Value, error) {
	v := params.Value{Version: aws.ToString(version), Secret: true}
	switch {
	case text != nil:
		v.Text = *text
	case binary != nil:
		v.Text = string(binary)
	default:
		return params.Value{}, errors.New("the answer holds no value")
	}
	return v, nil
}

// maxSecrets is the most that BatchGetSecretValue takes. (Secrets Manager,
// BatchGetSecretValue)
const maxSecrets = 20

// FetchMany implements params.ManySource.
func (s *Source) FetchMany(ctx context.Context, names []string) (map[string]params.Result, error) {
	results := make(map[string]params.Result, len(names))
	var batch []string
	for _, name := range names {
		if s.o.NoBatch || !current(name) {
			v, err := s.Fetch(ctx, name)
			results[name] = params.Result{Value: v, Err: err}
		} else {
			batch = append(batch, name)
		}
	}
	for len(batch) > 0 {
		n := min(maxSecrets, len(batch))
		s.fetchBatch(ctx, batch[:n], results)
		batch = batch[n:]
	}
	return results, nil
}

func (s *Source) fetchBatch(ctx context.Context, names []string, results map[string]params.Result) {
	wanted := make(map[string]bool, len(names))
	for _, name := range names {
		wanted[name] = true
	}
	in := &secretsmanager.BatchGetSecretValueInput{SecretIdList: names}
	for {
		out, err := s.client().BatchGetSecretValue(ctx, in)
		if err != nil {
			err = kind.Of(err)
			for _, name := range names {
				if _, ok := results[name]; !ok {
					results[name] = params.Result{Err: err}
				}
			}
			return
		}
		for _, e := range out.SecretValues {
			v, err := value(e.SecretString, e.SecretBinary, e.VersionId)
			for _, name := range names {
				if matches(name, e) {
					results[name] = params.Result{Value: v, Err: err}
				}
			}
		}
		for _, e := range out.Errors {
			if name := aws.ToString(e.SecretId); wanted[name] {
				code := aws.ToString(e.ErrorCode)
				results[name] = params.Result{Err: kind.OfCode(fmt.Errorf("secret %q: %s", name, code), code)}
			}
		}
		if aws.ToString(out.NextToken) == "" || aws.ToString(out.NextToken) == aws.ToString(in.NextToken) {
			return
		}
		in.NextToken = out.NextToken
	}
}

// matches reports whether a secret is the one of that name or ARN, which may lack the six
// characters that end an ARN.
func matches(name string, e types.SecretValueEntry) bool {
	arn := aws.ToString(e.ARN)
	return name == aws.ToString(e.Name) || name == arn ||
		strings.HasPrefix(name, "arn:") && strings.HasPrefix(arn, name+"-") && len(arn) == len(name)+len("-AbCdEf")
}

// Put implements params.PutSource: it writes a new version of a secret, and the secret
// where there is none.
func (s *Source) Put(ctx context.Context, name, text string) (params.Value, error) {
	if !current(name) {
		return params.Value{}, errors.New("a version cannot be written by its name")
	}
	put := &secretsmanager.PutSecretValueInput{SecretId: &name}
	if s.o.Binary {
		put.SecretBinary = []byte(text)
	} else {
		put.SecretString = &text
	}
	v := params.Value{Text: text, Secret: true}
	out, err := s.client().PutSecretValue(ctx, put)
	var missing *types.ResourceNotFoundException
	switch {
	case err == nil:
		v.Version = aws.ToString(out.VersionId)
		return v, nil
	case !errors.As(err, &missing):
		return params.Value{}, kind.Of(err)
	}
	create := &secretsmanager.CreateSecretInput{Name: &name, SecretString: put.SecretString, SecretBinary: put.SecretBinary}
	if s.o.KMSKeyID != "" {
		create.KmsKeyId = &s.o.KMSKeyID
	}
	if s.o.Description != "" {
		create.Description = &s.o.Description
	}
	created, err := s.client().CreateSecret(ctx, create)
	if err != nil {
		return params.Value{}, kind.Of(err)
	}
	v.Version = aws.ToString(created.VersionId)
	return v, nil
}

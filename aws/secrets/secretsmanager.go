// Package secrets reads secrets of AWS Secrets Manager.
//
//	cache, err := params.New(secrets.New(nil, nil), nil)
//	password, err := cache.Secret(ctx, "shop/db/password")
//
// The source supports names and Put:
//
//   - A name may be an ARN. [Version] and [Stage] return the name of one version of a secret.
//   - Many and Load fetch the current versions of twenty secrets with one request, the limit of the API.
//   - If a secret is binary, the value is its bytes.
//   - Put writes a new version of a secret, and creates the secret if it does not exist.
//
// [New] cannot fail and makes no request. If the credentials or the region are wrong, each fetch
// fails.
//
// The role of the function needs:
//
//   - secretsmanager:GetSecretValue for each secret
//   - secretsmanager:BatchGetSecretValue for Many and Load, unless Options.DisableBatch is set
//   - secretsmanager:PutSecretValue and secretsmanager:CreateSecret for Put
//   - kms:Decrypt if a customer managed key encrypts the secret
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

// API is the part of a *secretsmanager.Client that a Source uses.
type API interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
	BatchGetSecretValue(context.Context, *secretsmanager.BatchGetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.BatchGetSecretValueOutput, error)
	PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
	CreateSecret(context.Context, *secretsmanager.CreateSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.CreateSecretOutput, error)
}

// Options configures a [Source]. A nil *Options, and every zero field, means the default.
type Options struct {
	// DisableBatch makes Many and Load fetch secrets one by one, for roles without
	// secretsmanager:BatchGetSecretValue.
	DisableBatch bool

	// Binary makes Put write the text as SecretBinary. Default: as SecretString.
	Binary bool

	// KMSKeyID and Description are attributes of secrets that Put creates.
	KMSKeyID    string
	Description string
}

// Source is a params.ManySource and a params.PutSource. Make one with [New].
type Source struct {
	o      Options
	client func() API
}

var (
	_ params.ManySource = (*Source)(nil)
	_ params.PutSource  = (*Source)(nil)
)

// New returns a Source of the secrets of an account.
//
// The Source uses client. If client is nil, the first fetch makes one from environment
// variables: the region and the credentials that Lambda sets, and the endpoints that the SDK
// documents, such as AWS_ENDPOINT_URL_SECRETS_MANAGER. It ignores profiles and configuration
// files.
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

// Version returns the name of the version of a secret with that id, for methods such as Cache.Secret.
func Version(secret, id string) string { return secret + versionMark + id }

// Stage returns the name of the version of a secret with a staging label, such as AWSPREVIOUS, for
// methods such as Cache.Secret.
func Stage(secret, stage string) string { return secret + stageMark + stage }

// input returns the request for a name, which may be made by Version or Stage.
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

// current reports whether a name is not made by Version or Stage.
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

// value returns the string, even if it is empty, or else the binary.
func value(text *string, binary []byte, version *string) (params.Value, error) {
	v := params.Value{Version: aws.ToString(version), Secret: true}
	switch {
	case text != nil:
		v.Text = *text
	case binary != nil:
		v.Text = string(binary)
	default:
		return params.Value{}, errors.New("the answer has no value")
	}
	return v, nil
}

// maxSecrets is the most secrets in one request. (Secrets Manager, BatchGetSecretValue)
const maxSecrets = 20

// FetchMany implements params.ManySource.
func (s *Source) FetchMany(ctx context.Context, names []string) (map[string]params.Result, error) {
	results := make(map[string]params.Result, len(names))
	var batch []string
	for _, name := range names {
		if s.o.DisableBatch || !current(name) {
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

// fetchBatch adds the results of one request and its further pages.
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

// matches reports whether a secret has that name or ARN. The ARN may lack the six random characters
// at its end.
func matches(name string, e types.SecretValueEntry) bool {
	arn := aws.ToString(e.ARN)
	return name == aws.ToString(e.Name) || name == arn ||
		strings.HasPrefix(name, "arn:") && strings.HasPrefix(arn, name+"-") && len(arn) == len(name)+len("-AbCdEf")
}

// Put implements params.PutSource. It writes a new version of a secret, and creates the secret if it
// does not exist.
func (s *Source) Put(ctx context.Context, name, text string) (params.Value, error) {
	if !current(name) {
		return params.Value{}, errors.New("cannot write a version of a secret: use the name without a version or stage")
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

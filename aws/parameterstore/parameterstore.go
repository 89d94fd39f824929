// Package parameterstore reads parameters of AWS Systems Manager Parameter Store.
//
//	cache, err := params.New(parameterstore.New(nil, nil), nil)
//	url, err := cache.String(ctx, "/shop/prod/db/url")
//
// The source supports names, paths and Put:
//
//   - A name may be an ARN. It may end in a version or a label, such as "/app/url:3" or
//     "/app/url:prod".
//   - Many and Load fetch ten names with one request, the limit of the API. A path is fetched page
//     by page.
//   - SecureStrings are decrypted, unless POWERTOOLS_PARAMETERS_SSM_DECRYPT is false.
//   - Put creates a parameter, and replaces an existing one if Options.Overwrite is set.
//
// [New] cannot fail and makes no request. If the credentials or the region are wrong, each fetch
// fails.
//
// The role of the function needs ssm:GetParameter, ssm:GetParameters for Many and Load,
// ssm:GetParametersByPath for paths, and ssm:PutParameter for Put. If a customer managed key encrypts
// the values, it also needs kms:Decrypt.
package parameterstore

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/lambdakit/lambdakit/aws/internal/awsenv"
	"github.com/lambdakit/lambdakit/aws/internal/kind"
	"github.com/lambdakit/lambdakit/aws/internal/pages"
	"github.com/lambdakit/lambdakit/internal/env"
	"github.com/lambdakit/lambdakit/internal/report"
	"github.com/lambdakit/lambdakit/params"
)

// API is the part of an *ssm.Client that a Source uses.
type API interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
	GetParameters(context.Context, *ssm.GetParametersInput, ...func(*ssm.Options)) (*ssm.GetParametersOutput, error)
	GetParametersByPath(context.Context, *ssm.GetParametersByPathInput, ...func(*ssm.Options)) (*ssm.GetParametersByPathOutput, error)
	PutParameter(context.Context, *ssm.PutParameterInput, ...func(*ssm.Options)) (*ssm.PutParameterOutput, error)
}

// Options configures a [Source]. A nil *Options, and every zero field, means the default.
type Options struct {
	// Decrypt decrypts SecureStrings. Default: POWERTOOLS_PARAMETERS_SSM_DECRYPT, else
	// true.
	Decrypt *bool

	// Recursive includes parameters that are more than one level below a path.
	Recursive bool

	// Type is the type of parameters that Put writes. Default: String, and an existing
	// parameter keeps its type.
	Type types.ParameterType

	// Overwrite lets Put replace existing parameters.
	Overwrite bool

	// KMSKeyID, Tier and Description are attributes of parameters that Put writes.
	KMSKeyID    string
	Tier        types.ParameterTier
	Description string
}

// Source is a params.ManySource, a params.PagedSource and a params.PutSource. Make one with [New].
type Source struct {
	o       Options
	decrypt bool
	client  func() API
}

var (
	_ params.ManySource  = (*Source)(nil)
	_ params.PagedSource = (*Source)(nil)
	_ params.PutSource   = (*Source)(nil)
)

// New returns a Source of the parameters of an account.
//
// The Source uses client. If client is nil, the first fetch makes one from environment
// variables: the region and the credentials that Lambda sets, and the endpoints that the SDK
// documents, such as AWS_ENDPOINT_URL_SSM. It ignores profiles and configuration files.
//
// If POWERTOOLS_PARAMETERS_SSM_DECRYPT is not a boolean, New reports that on os.Stderr and the Source
// decrypts.
func New(client API, o *Options) *Source {
	s := &Source{decrypt: true}
	if o != nil {
		s.o = *o
	}
	v, ok, err := env.Bool("POWERTOOLS_PARAMETERS_SSM_DECRYPT")
	switch {
	case s.o.Decrypt != nil:
		s.decrypt = *s.o.Decrypt
	case err != nil:
		report.New(nil).Report(fmt.Errorf("parameterstore: %w", err))
	case ok:
		s.decrypt = v
	}
	s.client = awsenv.Lazy(client, func(cfg aws.Config) API { return ssm.NewFromConfig(cfg) })
	return s
}

// Fetch implements params.Source.
func (s *Source) Fetch(ctx context.Context, name string) (params.Value, error) {
	out, err := s.client().GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: &s.decrypt})
	if err != nil {
		return params.Value{}, kind.Of(err)
	}
	if out.Parameter == nil {
		return params.Value{}, errNoValue
	}
	return value(*out.Parameter), nil
}

var errNoValue = errors.New("the answer has no value")

func value(p types.Parameter) params.Value {
	return params.Value{Text: aws.ToString(p.Value), Version: strconv.FormatInt(p.Version, 10), Secret: p.Type == types.ParameterTypeSecureString}
}

// FetchPath implements params.PathSource.
func (s *Source) FetchPath(ctx context.Context, path string) (map[string]params.Value, error) {
	return pages.All(ctx, s.Pages(path))
}

// Pages implements params.PagedSource.
func (s *Source) Pages(path string) func(context.Context) (map[string]params.Value, bool, error) {
	in := &ssm.GetParametersByPathInput{Path: &path, WithDecryption: &s.decrypt, Recursive: &s.o.Recursive}
	return func(ctx context.Context) (map[string]params.Value, bool, error) {
		out, err := s.client().GetParametersByPath(ctx, in)
		if err != nil {
			return nil, false, kind.Of(err)
		}
		page := make(map[string]params.Value, len(out.Parameters))
		for _, p := range out.Parameters {
			page[strings.TrimPrefix(strings.TrimPrefix(aws.ToString(p.Name), path), "/")] = value(p)
		}
		next := aws.ToString(out.NextToken)
		if next != "" && next == aws.ToString(in.NextToken) {
			return nil, false, errors.New("the service repeats a page")
		}
		in.NextToken = out.NextToken
		return page, next != "", nil
	}
}

// Put implements params.PutSource.
func (s *Source) Put(ctx context.Context, name, text string) (params.Value, error) {
	in := &ssm.PutParameterInput{Name: &name, Value: &text, Overwrite: &s.o.Overwrite, Type: s.o.Type, Tier: s.o.Tier}
	if in.Type == "" && !s.o.Overwrite {
		in.Type = types.ParameterTypeString
	}
	if s.o.KMSKeyID != "" {
		in.KeyId = &s.o.KMSKeyID
	}
	if s.o.Description != "" {
		in.Description = &s.o.Description
	}
	out, err := s.client().PutParameter(ctx, in)
	if in.Type == "" && isInvalid(err) { // a parameter that does not exist needs a type
		create := *in
		create.Type, create.Overwrite = types.ParameterTypeString, aws.Bool(false)
		if created, refused := s.client().PutParameter(ctx, &create); refused == nil {
			in, out, err = &create, created, nil
		}
	}
	if err != nil {
		return params.Value{}, kind.Of(err)
	}
	secret := in.Type == types.ParameterTypeSecureString || in.Type == "" // until it is fetched, it may be one
	return params.Value{Text: text, Version: strconv.FormatInt(out.Version, 10), Secret: secret}, nil
}

func isInvalid(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorCode() == "ValidationException"
}

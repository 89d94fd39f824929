package paramsgolden

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/appconfigdata"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/lambdakit/lambdakit/aws/appconfigapi"
	"github.com/lambdakit/lambdakit/aws/dynamodbparams"
	"github.com/lambdakit/lambdakit/aws/parameterstore"
	"github.com/lambdakit/lambdakit/aws/secrets"
	"github.com/lambdakit/lambdakit/params"
)

// config is the configuration of a source; each needs its own Cache.
type config struct {
	decrypt                string // true or false; empty: as the environment says
	recursive              bool
	consistent             bool
	poll                   int
	put                    bool // for writing
	overwrite, binary      bool
	kind, tier, about, kms string
}

// ask is one parameter that a step is after.
type ask struct {
	config
	name      string // as the Cache has it
	path      bool
	transform string
	age       *float64 // seconds
	fresh     bool
}

// key is what is cached under.
func (a ask) key() string { return fmt.Sprintf("%+v %v %s", a.config, a.path, a.name) }

// getter is a Cache or a View of one.
type getter interface {
	params.Getter
	String(ctx context.Context, name string) (string, error)
	Many(ctx context.Context, names ...string) (map[string]string, error)
	Path(ctx context.Context, path string) (map[string]string, error)
}

// maxAge is the age that the Caches of the case use.
func (c *goldenCase) maxAge() time.Duration {
	if text := strings.TrimSpace(os.Getenv("POWERTOOLS_PARAMETERS_MAX_AGE")); text != "" {
		d, err := time.ParseDuration(text + "s")
		if err == nil {
			return d
		}
	}
	if c.Lang == "ts" {
		return 5 * time.Second
	}
	return 5 * time.Minute
}

// store returns the Cache of a configuration, as a program would make it.
func (c *goldenCase) cache(o config) (*params.Cache, error) {
	if cache := c.caches[o]; cache != nil {
		return cache, nil
	}
	po := &params.Options{Now: c.clock, OnError: func(err error) { c.t.Logf("reported: %v", err) }}
	if os.Getenv("POWERTOOLS_PARAMETERS_MAX_AGE") == "" && c.Lang == "ts" {
		c.rule("default-age")
		po.MaxAge = c.maxAge()
	}
	cache, err := params.New(c.source(o), po)
	if err == nil {
		c.caches[o] = cache
	}
	return cache, err
}

func (c *goldenCase) source(o config) params.Source {
	cfg := aws.Config{
		Region:       "eu-west-1",
		BaseEndpoint: &c.endpoint,
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "key"}, nil
		}),
	}
	text := func(names ...string) string {
		for _, name := range names {
			if v, ok := c.Given.ProviderOptions[name].(string); ok {
				return v
			}
		}
		return ""
	}
	switch c.Given.Provider {
	case "ssm":
		po := &parameterstore.Options{
			Recursive: o.recursive, Overwrite: o.overwrite, Type: types.ParameterType(o.kind),
			Tier: types.ParameterTier(o.tier), Description: o.about, KMSKeyID: o.kms,
		}
		if o.decrypt != "" {
			po.Decrypt = new(o.decrypt == "true")
		}
		return parameterstore.New(ssm.NewFromConfig(cfg), po)
	case "secrets":
		return secrets.New(secretsmanager.NewFromConfig(cfg), &secrets.Options{Binary: o.binary, Description: o.about, KMSKeyID: o.kms})
	case "appconfig":
		return appconfigapi.New(appconfigdata.NewFromConfig(cfg), text("application"), text("environment"), &appconfigapi.Options{
			MinPollInterval: time.Duration(o.poll) * time.Second, Now: c.clock,
		})
	}
	return dynamodbparams.New(dynamodb.NewFromConfig(cfg), text("tableName", "table_name"), &dynamodbparams.Options{
		KeyAttr: text("keyAttr", "key_attr"), SortKeyAttr: text("sortAttr", "sort_attr"), ValueAttr: text("valueAttr", "value_attr"),
		Consistent: o.consistent,
	})
}

// getter returns the Cache of a, asked as a wants.
func (c *goldenCase) getter(a ask) (getter, error) {
	cache, err := c.cache(a.config)
	switch {
	case err != nil:
		return nil, err
	case a.fresh:
		return cache.Fresh(), nil
	case a.age != nil:
		return cache.WithMaxAge(time.Duration(*a.age * float64(time.Second))), nil
	}
	return cache, nil
}

// transformOf returns the transform that auto stands for.
func (c *goldenCase) transformOf(a ask) string {
	if a.transform != "auto" {
		return a.transform
	}
	name, _, _ := strings.Cut(a.name, "#")
	if c.Lang == "ts" {
		name = strings.ToLower(name)
	}
	for _, suffix := range []string{"json", "binary"} {
		if strings.HasSuffix(name, "."+suffix) {
			return suffix
		}
	}
	return ""
}

// typed returns the value of a parameter through the function that does what the transform
// does. An unknown one is a decoder of the program's own, and fails as upstream's does.
func (c *goldenCase) typed(ctx context.Context, g getter, a ask) (any, error) {
	switch transform := c.transformOf(a); transform {
	case "":
		return g.String(ctx, a.name)
	case "json":
		return params.JSON[any](ctx, g, a.name)
	case "binary":
		return g.Base64(ctx, a.name)
	default:
		c.rule("own-decoder")
		return params.NewDecoder(transform, func([]byte) (any, error) { return nil, errors.New("no such decoder") }).Get(ctx, g, a.name)
	}
}

// undefined stands for a value that did not decode.
type undefined struct{}

// each decodes texts that came together, as a program would: with the same functions. Of
// those that do not decode, the first is the error.
func (c *goldenCase) each(ctx context.Context, texts map[string]string, asks map[string]ask) (map[string]any, error) {
	values := map[string]any{}
	g, err := params.New(params.SourceFunc(func(_ context.Context, name string) (params.Value, error) {
		return params.Value{Text: texts[name]}, nil
	}), &params.Options{MaxAge: -1})
	if err != nil {
		return nil, err
	}
	var first error
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		v, err := c.typed(ctx, g, asks[name])
		if err != nil {
			v, first = undefined{}, cmp.Or(first, err)
		}
		values[name] = v
	}
	return values, first
}

// run does one step.
func (c *goldenCase) run(s *stepRun) {
	ctx := context.Background()
	switch s.op {
	case "get":
		a := s.asks[0]
		g, err := c.getter(a)
		if err == nil {
			s.got, err = c.typed(ctx, g, a)
		}
		s.err = err
	case "path":
		s.got, s.err = c.path(ctx, s)
	case "names":
		s.got, s.err = c.names(ctx, s)
	case "put":
		s.got, s.err = c.put(ctx, s)
	case "clear":
		for _, cache := range c.caches {
			cache.Forget()
		}
		clear(c.known)
	}
}

func (c *goldenCase) path(ctx context.Context, s *stepRun) (any, error) {
	a := s.asks[0]
	g, err := c.getter(a)
	if err != nil {
		return nil, err
	}
	texts, err := g.Path(ctx, a.name)
	if err != nil || a.transform == "" {
		values := map[string]any{}
		for name, text := range texts {
			values[name] = text
		}
		return values, err
	}
	c.rule("path-texts")
	asks := map[string]ask{}
	for name := range texts {
		asks[name] = ask{name: name, transform: a.transform}
	}
	values, err := c.each(ctx, texts, asks)
	if err != nil && s.strict {
		return nil, err
	}
	return values, nil
}

// names asks for several parameters: those that are asked for in the same way, together.
func (c *goldenCase) names(ctx context.Context, s *stepRun) (any, error) {
	type way struct {
		config
		age   float64
		fresh bool
	}
	var ways []way
	groups := map[way][]ask{}
	for _, a := range s.asks {
		w := way{a.config, -1e9, a.fresh}
		if a.age != nil {
			w.age = *a.age
		}
		if groups[w] == nil {
			ways = append(ways, w)
		}
		groups[w] = append(groups[w], a)
	}
	texts, asks, failed, errs := map[string]string{}, map[string]ask{}, []any{}, []error(nil)
	for _, w := range ways {
		var names []string
		for _, a := range groups[w] {
			names = append(names, a.name)
			asks[a.name] = a
		}
		g, err := c.getter(groups[w][0])
		if err == nil {
			var some map[string]string
			some, err = g.Many(ctx, names...)
			maps.Copy(texts, some)
		}
		errs = append(errs, err)
	}
	values, err := c.each(ctx, texts, asks)
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil && s.strict {
		return nil, err
	}
	for _, a := range s.asks {
		if v, ok := values[a.name]; !ok || v == any(undefined{}) {
			delete(values, a.name)
			failed = append(failed, a.name)
		}
	}
	if !s.strict {
		c.rule("beside")
		values["_errors"] = failed
	}
	return values, nil
}

// put writes; its result is the version that the Cache knows afterwards.
func (c *goldenCase) put(ctx context.Context, s *stepRun) (any, error) {
	a := s.asks[0]
	cache, err := c.cache(a.config)
	if err == nil {
		err = cache.Put(ctx, a.name, s.text)
	}
	if err != nil {
		return nil, err
	}
	v, err := cache.Value(ctx, a.name)
	if v.Text != s.text {
		c.t.Errorf("what was put is not what there is afterwards")
	}
	return v.Version, err
}

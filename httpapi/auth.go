package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
)

// Claims is what the authorizer of the front end says of the caller.
type Claims struct {
	Kind      string         // jwt, cognito, lambda or iam
	Principal string         // the subject, the principal id, or the ARN of the caller
	Claims    map[string]any // of the token, with jwt and cognito
	Scopes    []string       // of the route, with jwt
	Values    map[string]any // that a Lambda authorizer returned; texts behind a REST API
	ARN       string         // of the caller, with iam
}

// Auth decodes what the authorizer of the front end says of the caller of a request. It returns nil if
// no authorizer ran.
func Auth(ctx context.Context) *Claims { return readClaims(ctx, json.Unmarshal) }

// exactly decodes a value, and its numbers as json.Number: an id may have more digits than a float64.
func exactly(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(v)
}

func readClaims(ctx context.Context, decode func([]byte, any) error) *Claims {
	f := frontOf(ctx)
	if f == nil {
		return nil
	}
	switch f.kind {
	case HTTPAPI, FunctionURL:
		return newClaims(f.authorizer, decode)
	case RestAPI, HTTPAPI1:
		if c := gatewayClaims(f.authorizer, decode); c != nil {
			return c
		}
		if arn := find(f.identity, "userArn"); arn != "" {
			return &Claims{Kind: "iam", Principal: arn, ARN: arn}
		}
	}
	return nil
}

// newClaims reads the authorizer of an HTTP API or a function URL.
func newClaims(authorizer []byte, decode func([]byte, any) error) *Claims {
	var a struct {
		JWT *struct {
			Claims map[string]any
			Scopes []string
		}
		Lambda map[string]any
		IAM    *struct {
			UserARN string `json:"userArn"`
		}
	}
	if authorizer == nil || decode(authorizer, &a) != nil {
		return nil
	}
	switch {
	case a.JWT != nil:
		return &Claims{Kind: "jwt", Principal: textOf(a.JWT.Claims["sub"]), Claims: a.JWT.Claims, Scopes: a.JWT.Scopes}
	case a.Lambda != nil:
		return &Claims{Kind: "lambda", Principal: textOf(a.Lambda["principalId"]), Values: a.Lambda}
	case a.IAM != nil:
		return &Claims{Kind: "iam", Principal: a.IAM.UserARN, ARN: a.IAM.UserARN}
	}
	return nil
}

// gatewayClaims reads the authorizer of a REST API, or of an HTTP API with payload format 1.0.
func gatewayClaims(authorizer []byte, decode func([]byte, any) error) *Claims {
	var values map[string]any
	if authorizer == nil || decode(authorizer, &values) != nil || len(values) == 0 {
		return nil
	}
	if claims, ok := values["claims"].(map[string]any); ok {
		c := &Claims{Kind: "cognito", Principal: textOf(claims["sub"]), Claims: claims}
		if scopes, ok := values["scopes"].([]any); ok {
			c.Kind = "jwt"
			for _, s := range scopes {
				c.Scopes = append(c.Scopes, textOf(s))
			}
		}
		return c
	}
	principal := textOf(values["principalId"])
	delete(values, "principalId")
	delete(values, "integrationLatency")
	return &Claims{Kind: "lambda", Principal: principal, Values: values}
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

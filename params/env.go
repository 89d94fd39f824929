package params

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// Environment is a Source of environment variables, for a developer's machine, for tests and for
// functions that are configured with variables. The parameter "/shop/db-url" is the variable
// SHOP_DB_URL: letters become upper-case, other characters except digits become underscores, and
// underscores at the ends are removed. All values are secrets.
type Environment struct {
	// Prefix is prepended to the name of each variable, such as "APP_".
	Prefix string

	// Lookup returns the value of a variable. Default: os.LookupEnv.
	Lookup func(name string) (string, bool)
}

// Fetch implements Source.
func (e Environment) Fetch(_ context.Context, name string) (Value, error) {
	lookup := e.Lookup
	if lookup == nil {
		lookup = os.LookupEnv
	}
	variable := e.Variable(name)
	text, ok := lookup(variable)
	if !ok {
		return Value{}, fmt.Errorf("environment variable %s: %w", variable, ErrNotFound)
	}
	return Value{Text: text, Secret: true}, nil
}

// Variable returns the name of the environment variable of a parameter.
func (e Environment) Variable(name string) string {
	return e.Prefix + strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return r
		}
		return '_'
	}, name), "_")
}

package lambdakit_test

import (
	"encoding/json"
	"fmt"

	"github.com/lambdakit/lambdakit"
)

// ExampleSecret shows that only Reveal returns the text.
func ExampleSecret() {
	type config struct {
		User     string
		Password lambdakit.Secret
	}
	var c config
	if err := json.Unmarshal([]byte(`{"User":"app","Password":"hunter2"}`), &c); err != nil {
		fmt.Println(err)
	}
	fmt.Printf("%+v\n", c)
	text, _ := json.Marshal(c)
	fmt.Println(string(text))
	fmt.Println(c.Password.Reveal())
	// Output:
	// {User:app Password:[redacted]}
	// {"User":"app","Password":"[redacted]"}
	// hunter2
}

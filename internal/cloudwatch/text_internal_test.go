package cloudwatch

import (
	"fmt"
	"testing"
)

func TestText_LiteralsAreNoReferences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text    text
		cfn, tf string
	}{
		{textOf("a ${x} %{y} ", functionName), "map[Fn::Sub:a ${!x} %{y} ${FunctionName}]", "a $${x} %%{y} ${var.function_name}"},
		{textOf("a ${x}"), "a ${x}", "a $${x}"},
		{textOf(functionName), "map[Ref:FunctionName]", "${var.function_name}"},
		{textOf(arn("SlowAlarm")), "map[Fn::GetAtt:[SlowAlarm Arn]]", "${aws_cloudwatch_metric_alarm.slow.arn}"},
		{bodyText(object{"b": textOf(`"${x}" `, functionName), "a": []any{"%{y}", 1, true, timeoutMilliseconds}}),
			`map[Fn::Sub:{"a":["\u0025{y}",1,true,${TimeoutMilliseconds}],"b":"\"\u0024{x}\" ${FunctionName}"}]`,
			`{"a":["\u0025{y}",1,true,${var.timeout_milliseconds}],"b":"\"\u0024{x}\" ${var.function_name}"}`},
	} {
		if got := fmt.Sprint(c.text.cfn()); got != c.cfn {
			t.Errorf("%v: got %s, want %s", c.text, got, c.cfn)
		}
		if got := fmt.Sprint(tf(c.text)); got != c.tf {
			t.Errorf("%v: got %s, want %s", c.text, got, c.tf)
		}
	}
}

func TestFormatted(t *testing.T) {
	t.Parallel()
	long := "a text that is too long for a line with another one, so that each of them gets a line of its own"
	got := string(formatted(object{"b": []any{}, "a": object{"c": `"x": [1,2]`, "d": []any{1, object{"e": "<&>"}}}, "f": []any{long, long}}))
	want := `{
  "a": {"c": "\"x\": [1,2]", "d": [1, {"e": "<&>"}]},
  "b": [],
  "f": [
    "` + long + `",
    "` + long + `"
  ]
}
`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

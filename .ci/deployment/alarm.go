package deployment

import "fmt"

// AlarmProblems returns the mistakes in an alarm that CloudFormation would report only when it makes
// the alarm, and one that it never reports: an alarm on missing data.
func AlarmProblems(alarm map[string]any) []string {
	var problems []string
	periods, ok := alarm["EvaluationPeriods"].(int)
	if !ok || periods < 1 {
		return []string{fmt.Sprintf("EvaluationPeriods is %v", alarm["EvaluationPeriods"])}
	}
	if points, ok := alarm["DatapointsToAlarm"].(int); ok && points > periods {
		problems = append(problems, fmt.Sprintf("DatapointsToAlarm is %d, and EvaluationPeriods is %d", points, periods))
	}
	if alarm["TreatMissingData"] == nil {
		problems = append(problems, "TreatMissingData is not set, and a function without traffic has no data")
	}
	check := func(period any) {
		if s, ok := period.(int); period != nil && (!ok || s < 60 || s%60 != 0) {
			problems = append(problems, fmt.Sprintf("Period %v is not a multiple of 60 s", period))
		}
	}
	check(alarm["Period"])
	metrics, _ := alarm["Metrics"].([]any)
	for _, m := range metrics {
		m, _ := m.(map[string]any)
		check(object(m, "MetricStat")["Period"])
	}
	return problems
}

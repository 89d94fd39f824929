package deployment

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The validator checks the names of properties of CloudFormation, and few of SAM. These are the
// properties in SAM's documentation, without those that another runtime or package type needs.
var samProperties = map[string]string{
	"function": "Architectures AutoPublishAlias AutoPublishAliasAllProperties AutoPublishCodeSha256 CodeUri DeadLetterQueue " +
		"DeploymentPreference Description Environment EphemeralStorage EventInvokeConfig Events FileSystemConfigs FunctionName " +
		"FunctionUrlConfig Handler KmsKeyArn Layers LoggingConfig MemorySize PermissionsBoundary Policies PropagateTags " +
		"ProvisionedConcurrencyConfig RecursiveLoop ReservedConcurrentExecutions Role RolePath Runtime Tags Timeout Tracing " +
		"VersionDescription VpcConfig",
	"function.LoggingConfig":        "ApplicationLogLevel LogFormat LogGroup SystemLogLevel",
	"function.DeploymentPreference": "Alarms Enabled Hooks PassthroughCondition Role TriggerConfigurations Type",
	"function.Environment":          "Variables",
	"function.VpcConfig":            "Ipv6AllowedForDualStack SecurityGroupIds SubnetIds",
	"event.HttpApi":                 "ApiId Auth Method Path PayloadFormatVersion RouteSettings TimeoutInMillis",
	"event.SQS": "BatchSize Enabled FilterCriteria FunctionResponseTypes KmsKeyArn MaximumBatchingWindowInSeconds MetricsConfig " +
		"ProvisionedPollerConfig Queue ScalingConfig",
	"event.DynamoDB": "BatchSize BisectBatchOnFunctionError DestinationConfig Enabled FilterCriteria FunctionResponseTypes " +
		"KmsKeyArn MaximumBatchingWindowInSeconds MaximumRecordAgeInSeconds MaximumRetryAttempts MetricsConfig " +
		"ParallelizationFactor StartingPosition StartingPositionTimestamp Stream TumblingWindowInSeconds",
	"event.SQS.ScalingConfig": "MaximumConcurrency",
}

// samValues are the values of properties that have a list of values.
var samValues = map[string]string{
	"LogFormat": "JSON Text", "ApplicationLogLevel": "TRACE DEBUG INFO WARN ERROR FATAL", "SystemLogLevel": "DEBUG INFO WARN",
	"Tracing": "Active PassThrough Disabled", "StartingPosition": "TRIM_HORIZON LATEST AT_TIMESTAMP",
	"Method": "GET HEAD POST PUT PATCH DELETE OPTIONS ANY",
}

// SAMProblems returns the properties of the functions and of their events that SAM does not know.
func (t *Template) SAMProblems() []string {
	var problems []string
	check := func(where, kind string, properties map[string]any) {
		known, ok := samProperties[kind]
		if !ok {
			problems = append(problems, fmt.Sprintf("%s: the kind %s is unknown", where, kind))
			return
		}
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			if strings.HasPrefix(name, "Fn::") {
				continue
			}
			if !slices.Contains(strings.Fields(known), name) {
				problems = append(problems, fmt.Sprintf("%s: no property %s", where, name))
			}
			if values := samValues[name]; values != "" && !slices.Contains(strings.Fields(values), fmt.Sprint(properties[name])) {
				problems = append(problems, fmt.Sprintf("%s: %s is %v, want one of %s", where, name, properties[name], values))
			}
		}
	}
	for _, name := range t.Of("AWS::Serverless::Function") {
		f := t.Function(name)
		check(name, "function", f)
		for _, inner := range []string{"LoggingConfig", "DeploymentPreference", "Environment", "VpcConfig"} {
			check(name+"."+inner, "function."+inner, object(f, inner))
		}
		for event, e := range object(f, "Events") {
			e := e.(map[string]any)
			properties := object(e, "Properties")
			check(event, fmt.Sprint("event.", e["Type"]), properties)
			if scaling := object(properties, "ScalingConfig"); scaling != nil {
				check(event+".ScalingConfig", "event.SQS.ScalingConfig", scaling)
			}
		}
	}
	return problems
}

package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Options configures a stack.
type Options struct {
	Binary string // the directory with the file bootstrap
	Stage  string // a part of the names of the parameters, as in /shop/dev/payments/key. Default: dev
}

// NewStack returns the stack of the function, its API, its table and its log group.
func NewStack(scope constructs.Construct, id string, o *Options) awscdk.Stack {
	stack := awscdk.NewStack(scope, &id, &awscdk.StackProps{
		Description: jsii.String("An HTTP API that takes each order once"),
	})
	stage := o.Stage
	if stage == "" {
		stage = "dev"
	}

	logs := awslogs.NewLogGroup(stack, jsii.String("Logs"), &awslogs.LogGroupProps{
		Retention:     awslogs.RetentionDays_ONE_MONTH,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	// Without these records, a repeated order would be charged again.
	table := awsdynamodb.NewTable(stack, jsii.String("OrdersTaken"), &awsdynamodb.TableProps{
		BillingMode:         awsdynamodb.BillingMode_PAY_PER_REQUEST,
		PartitionKey:        &awsdynamodb.Attribute{Name: jsii.String("id"), Type: awsdynamodb.AttributeType_STRING},
		TimeToLiveAttribute: jsii.String("expiration"),
		RemovalPolicy:       awscdk.RemovalPolicy_RETAIN,
	})
	// guide: deployment-cdk
	function := awslambda.NewFunction(stack, jsii.String("Orders"), &awslambda.FunctionProps{
		Code:                  awslambda.Code_FromAsset(&o.Binary, nil),
		Handler:               jsii.String("bootstrap"),
		Runtime:               awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:          awslambda.Architecture_ARM_64(),
		Timeout:               awscdk.Duration_Seconds(jsii.Number(10)),
		MemorySize:            jsii.Number(256),
		Tracing:               awslambda.Tracing_ACTIVE, // without it the spans of the function are lost
		LoggingFormat:         awslambda.LoggingFormat_JSON,
		ApplicationLogLevelV2: awslambda.ApplicationLogLevel_DEBUG, // for the DEBUG lines of logging.Buffer
		SystemLogLevelV2:      awslambda.SystemLogLevel_INFO,
		LogGroup:              logs,
		Role:                  newRole(stack, logs, table, stage),
		Environment: &map[string]*string{
			"CONFIG":            jsii.String("parameterstore"),
			"STAGE":             &stage,
			"IDEMPOTENCY_TABLE": table.TableName(),
		},
	})
	// end
	api := awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), nil)
	api.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
		Path:        jsii.String("/orders"),
		Methods:     &[]awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod_POST},
		Integration: awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Function"), function, nil),
	})

	awscdk.NewCfnOutput(stack, jsii.String("URL"), &awscdk.CfnOutputProps{Value: api.ApiEndpoint()})
	awscdk.NewCfnOutput(stack, jsii.String("LogGroup"), &awscdk.CfnOutputProps{Value: logs.LogGroupName()})
	return stack
}

// newRole returns a role that allows exactly the calls of the function. The permissions of X-Ray come
// with Tracing_ACTIVE.
func newRole(stack awscdk.Stack, logs awslogs.LogGroup, table awsdynamodb.Table, stage string) awsiam.Role {
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	logs.GrantWrite(role)
	table.Grant(role, *jsii.Strings("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")...)
	var parameters []*string
	for _, name := range []string{"url", "timeout", "key"} {
		parameters = append(parameters, stack.FormatArn(&awscdk.ArnComponents{
			Service:      jsii.String("ssm"),
			Resource:     jsii.String("parameter"),
			ResourceName: jsii.String("shop/" + stage + "/payments/" + name),
		}))
	}
	// params.Load. A customer managed key also needs kms:Decrypt.
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("ssm:GetParameters"),
		Resources: &parameters,
	}))
	return role
}

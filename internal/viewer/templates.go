package viewer

import "embed"

//go:embed templates/*.json
var templateFiles embed.FS

// templates are the events of templateFiles, in the order of the page.
var templates = []struct{ file, group, name string }{
	{"01-http-api", "HTTP", "API Gateway HTTP API 2.0"},
	{"02-rest-api", "HTTP", "API Gateway REST API"},
	{"03-function-url", "HTTP", "Function URL"},
	{"04-load-balancer", "HTTP", "Application Load Balancer"},
	{"05-vpc-lattice", "HTTP", "VPC Lattice"},

	{"10-sqs", "Queues and streams", "SQS"},
	{"11-sqs-fifo", "Queues and streams", "SQS FIFO"},
	{"12-kinesis", "Queues and streams", "Kinesis"},
	{"13-dynamodb", "Queues and streams", "DynamoDB stream"},
	{"14-kafka", "Queues and streams", "Kafka"},
	{"15-firehose", "Queues and streams", "Data Firehose"},
	{"16-sns-in-sqs", "Queues and streams", "SNS in SQS"},
	{"17-eventbridge-in-sqs", "Queues and streams", "EventBridge in SQS"},
	{"18-s3-in-sqs", "Queues and streams", "S3 in SQS"},

	{"20-sns", "Events", "SNS"},
	{"21-eventbridge", "Events", "EventBridge"},
	{"22-schedule", "Events", "Schedule"},
	{"23-s3", "Events", "S3, object created"},
}

// Templates returns made-up events of AWS's sources.
func Templates() []Template {
	list := make([]Template, 0, len(templates))
	for _, t := range templates {
		text, err := templateFiles.ReadFile("templates/" + t.file + ".json")
		if err != nil {
			panic(err) // the table names the embedded files
		}
		list = append(list, Template{Name: t.name, Group: t.group, Text: string(text)})
	}
	return list
}

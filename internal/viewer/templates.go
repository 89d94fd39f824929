package viewer

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"regexp"
	"strconv"

	"github.com/lambdakit/lambdakit/internal/jsonscan"
)

//go:embed templates/*.json
var templateFiles embed.FS

// templates are the events of templateFiles, in the order of the page.
var templates = []struct{ file, group, name string }{
	{"01-http-api", "HTTP", "API Gateway HTTP API 2.0"},
	{"02-rest-api", "HTTP", "API Gateway REST API"},
	{"03-function-url", "HTTP", "Function URL"},
	{"04-load-balancer", "HTTP", "Application Load Balancer"},
	{"05-vpc-lattice", "HTTP", "VPC Lattice"},

	{"10-sqs", batches, "SQS"},
	{"11-sqs-fifo", batches, "SQS FIFO"},
	{"12-kinesis", batches, "Kinesis"},
	{"13-dynamodb", batches, "DynamoDB stream"},
	{"14-kafka", batches, "Kafka"},
	{"15-firehose", batches, "Data Firehose"},
	{"16-sns-in-sqs", batches, "SNS in SQS"},
	{"17-eventbridge-in-sqs", batches, "EventBridge in SQS"},
	{"18-s3-in-sqs", batches, "S3 in SQS"},

	{"20-sns", "Events", "SNS"},
	{"21-eventbridge", "Events", "EventBridge"},
	{"22-schedule", "Events", "Schedule"},
	{"23-s3", "Events", "S3, object created"},
}

// batches is the group of events with several records.
const batches = "Queues and streams"

// maxRecords is the most messages of an SQS batch. (Lambda, Using Lambda with Amazon SQS)
const maxRecords = 10_000

// Templates returns made-up events of AWS's sources. Those of queues and streams get as many records
// as said. A number of 0 leaves them as they are.
func Templates(records int) []Template {
	list := make([]Template, 0, len(templates))
	for _, t := range templates {
		text, err := templateFiles.ReadFile("templates/" + t.file + ".json")
		if err != nil {
			panic(err) // the table names the embedded files
		}
		if t.group == batches && records > 0 {
			text = withRecords(text, min(records, maxRecords))
		}
		list = append(list, Template{Name: t.name, Group: t.group, Text: string(text)})
	}
	return list
}

// templates answers with the event files of the function and the templates.
func (s *Server) templates(w http.ResponseWriter, r *http.Request) {
	records, _ := strconv.Atoi(r.URL.Query().Get("records"))
	reply(w, http.StatusOK, append(s.Runner.EventFiles(), Templates(records)...))
}

// withRecords returns an event with n records: its own ones, and copies of them with other ids. Only
// the first partition of Kafka grows.
func withRecords(event []byte, n int) []byte {
	from, to := recordList(event)
	var own []json.RawMessage
	if err := json.Unmarshal(event[from:to], &own); err != nil || len(own) == 0 {
		panic(fmt.Sprintf("viewer: a template has no list of records: %v", err))
	}
	end := bytes.LastIndexByte(event[from:to], ']') + from
	indent := event[bytes.LastIndexByte(event[:end], '\n'):end] // of the bracket
	var b bytes.Buffer
	b.Write(event[:from])
	for i := range n {
		b.WriteByte("[,"[min(i, 1)])
		b.Write(indent)
		b.WriteString("  ")
		b.Write(renumbered(own[i%len(own)], i-i%len(own)))
	}
	b.Write(indent)
	b.Write(event[end:])
	return b.Bytes()
}

// recordList returns the bounds of the list of records in a template.
func recordList(event []byte) (from, to int) {
	jsonscan.Members(event, func(key []byte, start, end int) bool {
		if !bytes.EqualFold(key, []byte(`"Records"`)) {
			return true
		}
		from, to = start, end
		if event[start] == '{' { // the partitions of Kafka
			jsonscan.Members(event[start:end], func(_ []byte, first, last int) bool {
				from, to = start+first, start+last
				return false
			})
		}
		return false
	})
	return from, to
}

var recordIDs = regexp.MustCompile(`(?i)("(?:messageId|eventID|recordId|sequenceNumber|MessageDeduplicationId|receiptHandle|offset)": "?)([^",\n]*)`)

// renumbered returns a record with a number added to its ids.
func renumbered(record []byte, by int) []byte {
	if by == 0 {
		return record
	}
	return recordIDs.ReplaceAllFunc(record, func(member []byte) []byte {
		parts := recordIDs.FindSubmatch(member)
		return fmt.Appendf(nil, "%s%s", parts[1], nextID(string(parts[2]), by))
	})
}

var digits = regexp.MustCompile(`[0-9]*$`)

// nextID adds a number to the digits at the end of an id. An id without digits there gets the number
// behind a dash.
func nextID(id string, by int) string {
	tail := digits.FindString(id)
	if tail == "" {
		return fmt.Sprint(id, "-", by)
	}
	n, _ := new(big.Int).SetString(tail, 10)
	return fmt.Sprintf("%s%0*d", id[:len(id)-len(tail)], len(tail), n.Add(n, big.NewInt(int64(by))))
}

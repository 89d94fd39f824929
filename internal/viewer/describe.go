package viewer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

// envelope is the part of an event that says where it comes from.
type envelope struct {
	Version        string          `json:"version"`
	RouteKey       string          `json:"routeKey"`
	HTTPMethod     string          `json:"httpMethod"`
	Path           string          `json:"path"`
	RawPath        string          `json:"rawPath"`
	Method         string          `json:"method"`   // VPC Lattice 2.0: in requestContext of neither
	RawQuery       string          `json:"raw_path"` // VPC Lattice 1.0
	Source         string          `json:"source"`
	DetailType     string          `json:"detail-type"`
	EventSource    string          `json:"eventSource"`
	DeliveryStream string          `json:"deliveryStreamArn"`
	Records        json.RawMessage `json:"Records"`
	KafkaRecords   json.RawMessage `json:"records"`
	Context        struct {
		ELB        json.RawMessage `json:"elb"`
		DomainName string          `json:"domainName"`
		ServiceARN string          `json:"serviceArn"`
		Stage      string          `json:"stage"`
		HTTP       struct {
			Method string `json:"method"`
			Path   string `json:"path"`
		} `json:"http"`
	} `json:"requestContext"`
}

// describe returns the title and the source of an event. The title is empty if the event tells nothing.
func describe(event []byte) (title, source string) {
	var e envelope
	json.Unmarshal(event, &e) // what does not fit stays empty
	switch {
	case e.Context.HTTP.Method != "":
		source = "API Gateway HTTP API 2.0"
		if strings.Contains(e.Context.DomainName, ".lambda-url.") {
			source = "function URL"
		}
		return e.Context.HTTP.Method + " " + cmp.Or(e.RawPath, e.Context.HTTP.Path), source
	case e.HTTPMethod != "" && e.Context.ELB != nil:
		return e.HTTPMethod + " " + e.Path, "Application Load Balancer"
	case e.HTTPMethod != "" && e.Version == "1.0":
		return e.HTTPMethod + " " + e.Path, "API Gateway HTTP API 1.0"
	case e.HTTPMethod != "":
		return e.HTTPMethod + " " + e.Path, "API Gateway REST API"
	case e.Method != "" && e.RawQuery != "":
		return e.Method + " " + e.RawQuery, "VPC Lattice 1.0"
	case e.Method != "" && e.Context.ServiceARN != "":
		return e.Method + " " + e.Path, "VPC Lattice 2.0"
	case e.DetailType == "Scheduled Event":
		return "scheduled event", "EventBridge"
	case e.DetailType != "":
		return e.DetailType + " of " + e.Source, "EventBridge"
	case e.DeliveryStream != "":
		return batchTitle("Data Firehose", e.DeliveryStream, len(batchOf(event))), "Data Firehose"
	}
	list := batchOf(event)
	if len(list) == 0 {
		return "", ""
	}
	first := list[0]
	return batchTitle(first.service, first.arn, len(list)), first.service
}

func batchTitle(service, arn string, n int) string {
	_, name, _ := strings.Cut(arn, ":table/")
	name, _, _ = strings.Cut(name, "/stream/")
	name = cmp.Or(name, path.Base(arn[strings.LastIndexByte(arn, ':')+1:]))
	records := "1 record"
	if n != 1 {
		records = fmt.Sprint(n, " records")
	}
	return strings.Join(strings.Fields(service+" "+strings.Trim(name, ".")+" ("+records+")"), " ")
}

// indent returns JSON with indents, and other text as it is.
func indent(text []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, text, "", "  ") != nil {
		return string(text)
	}
	return b.String()
}

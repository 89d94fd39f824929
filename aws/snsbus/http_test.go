package snsbus_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/lambdakit/lambdakit/aws/internal/sendertest"
	"github.com/lambdakit/lambdakit/aws/snsbus"
	"github.com/lambdakit/lambdakit/events"
)

var protocol = sendertest.Protocol{
	Decode: func(r *http.Request) (entries []sendertest.Entry, err error) {
		if action := r.PostFormValue("Action"); action != "PublishBatch" {
			return nil, errors.New("the action is " + action)
		}
		for n := 1; ; n++ {
			value := func(name string) string {
				return r.PostForm.Get(fmt.Sprint("PublishBatchRequestEntries.member.", n, ".", name))
			}
			if value("Id") == "" {
				return entries, nil
			}
			entries = append(entries, sendertest.Entry{Body: value("Message"), BatchID: value("Id"), Group: value("MessageGroupId"), Deduplication: value("MessageDeduplicationId")})
		}
	},
	Encode: func(results []sendertest.Result) string {
		var successful, failed strings.Builder
		for _, r := range results {
			if r.Code == "" {
				fmt.Fprintf(&successful, "<member><Id>%s</Id><MessageId>m</MessageId></member>", r.BatchID)
			} else {
				fmt.Fprintf(&failed, "<member><Id>%s</Id><Code>%s</Code><SenderFault>%t</SenderFault><Message>hunter2</Message></member>", r.BatchID, r.Code, r.SenderFault)
			}
		}
		return fmt.Sprintf("<PublishBatchResponse><PublishBatchResult><Failed>%s</Failed><Successful>%s</Successful></PublishBatchResult></PublishBatchResponse>", &failed, &successful)
	},
	Error: func(code, message string) string {
		var text strings.Builder
		xml.EscapeText(&text, []byte(message))
		return fmt.Sprintf("<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", code, &text)
	},
}

func TestTopic_ServiceThatFails(t *testing.T) {
	t.Parallel()
	for name, arn := range map[string]string{"standard": standard, "FIFO": fifo} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sendertest.Run(t, protocol, arn == fifo, func(cfg aws.Config) events.Sender { return snsbus.New(sns.NewFromConfig(cfg), arn, nil) })
		})
	}
}

const (
	standard = "arn:aws:sns:eu-west-1:123456789012:orders"
	fifo     = standard + ".fifo"
)

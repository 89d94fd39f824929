package faulttest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"
)

// DynamoDB is the protocol of DynamoDB.
var DynamoDB = Wire{
	Request: func(r *bufio.Reader) ([]byte, bool, error) {
		req, err := http.ReadRequest(r)
		if err != nil {
			return nil, false, err
		}
		_, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
		text, err := httputil.DumpRequest(req, true)
		return text, slices.Contains([]string{"PutItem", "UpdateItem", "DeleteItem", "GetItem"}, operation), err
	},
	Response: func(r *bufio.Reader) ([]byte, error) {
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return nil, err
		}
		res.Body, res.ContentLength, res.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
		return httputil.DumpResponse(res, true)
	},
	Throttled: dynamoDBError(400, "ThrottlingException"),
	Failed:    dynamoDBError(500, "InternalServerError"),
}

func dynamoDBError(status int, code string) []byte {
	body := fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"injected"}`, code)
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n%s", status, http.StatusText(status), len(body), body)
}

// Redis is the protocol of Valkey and Redis.
var Redis = Wire{
	Request: func(r *bufio.Reader) ([]byte, bool, error) {
		message, err := respMessage(r)
		return message, bytes.Contains(message, []byte("EVAL")) || bytes.Contains(message, []byte("eval")), err
	},
	Response:  respMessage,
	Throttled: []byte("-LOADING injected\r\n"),
	Failed:    []byte("-ERR injected\r\n"),
}

// respMessage reads one message of RESP2 or RESP3.
func respMessage(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	if len(line) < 3 {
		return nil, errProtocol
	}
	n, _ := strconv.Atoi(string(bytes.TrimSpace(line[1:])))
	switch line[0] {
	case '$', '=', '!':
		if n < 0 {
			return line, nil
		}
		rest := make([]byte, n+2)
		_, err := io.ReadFull(r, rest)
		return append(line, rest...), err
	case '%', '|':
		n *= 2
	case '*', '~', '>':
	default:
		return line, nil
	}
	if line[0] == '|' { // attributes come before the value
		n++
	}
	for range n {
		part, err := respMessage(r)
		if err != nil {
			return nil, err
		}
		line = append(line, part...)
	}
	return line, nil
}

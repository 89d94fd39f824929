// Package prefix removes the prefixes that the serializers of schema registries put before the data
// of a record:
//
//	Confluent  00, 4 bytes of id, data
//	AWS Glue   03, 00 or 05 for zlib, 16 bytes of id, data
//
// Other modules import this package, so it changes only by addition.
package prefix

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// maxInflated is the limit for compressed data, in bytes after decompression. An event has at most
// 6 MB.
const maxInflated = 16 << 20

var (
	errNone        = errors.New("the data do not begin with the prefix of a schema registry")
	errCompression = errors.New("the compression of the data is not known")
	errZlib        = errors.New("the compressed data are not valid")
	errSize        = fmt.Errorf("the compressed data have more than %d MB", maxInflated>>20)
)

// Registry is a kind of schema registry.
type Registry int

const (
	Confluent Registry = iota
	Glue
)

// Cut returns the data behind the prefix, the registry, and the id of the schema: a number such as
// 17 of Confluent, a UUID such as b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63 of Glue. The data may be a part
// of record.
func Cut(record []byte) (data []byte, registry Registry, id string, err error) {
	switch {
	case len(record) >= 5 && record[0] == 0:
		return record[5:], Confluent, strconv.FormatUint(uint64(binary.BigEndian.Uint32(record[1:])), 10), nil
	case len(record) < 18 || record[0] != 3:
		return nil, 0, "", errNone
	}
	u := record[2:18]
	id = fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
	switch data = record[18:]; record[1] {
	case 0:
	case 5:
		data, err = inflate(data)
	default:
		err = errCompression
	}
	return data, Glue, id, err
}

func inflate(data []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, errZlib
	}
	data, err = io.ReadAll(io.LimitReader(r, maxInflated+1))
	if err != nil {
		return nil, errZlib
	}
	if len(data) > maxInflated {
		return nil, errSize
	}
	return data, nil
}

package prefix_test

import (
	"bytes"
	"compress/zlib"
	"strings"
	"testing"

	"github.com/lambdakit/lambdakit/batch/internal/prefix"
)

const uuid = "\xb7\xb4\xa7\xf0\x9c\x96\x4e\x4a\xa6\x87\xfb\x5d\xe9\xef\x0c\x63"

func compressed(text string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.String()
}

func TestCut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		record, data string
		registry     prefix.Registry
		id           string
	}{
		"Confluent":             {"\x00\x00\x00\x01\x00data", "data", prefix.Confluent, "256"},
		"Confluent, largest id": {"\x00\xff\xff\xff\xff", "", prefix.Confluent, "4294967295"},
		"Glue":                  {"\x03\x00" + uuid + "data", "data", prefix.Glue, "b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63"},
		"Glue, zlib":            {"\x03\x05" + uuid + compressed("data"), "data", prefix.Glue, "b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63"},
		"Glue, no data":         {"\x03\x00" + uuid, "", prefix.Glue, "b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63"},
		"16 MB":                 {"\x03\x05" + uuid + compressed(strings.Repeat("x", 16<<20)), strings.Repeat("x", 16<<20), prefix.Glue, "b7b4a7f0-9c96-4e4a-a687-fb5de9ef0c63"},
	} {
		data, registry, id, err := prefix.Cut([]byte(c.record))
		if string(data) != c.data || registry != c.registry || id != c.id || err != nil {
			t.Errorf("%s: got %.20q, %v, %s, %v, want %.20q, %v, %s", name, data, registry, id, err, c.data, c.registry, c.id)
		}
	}
}

func TestCutErrors(t *testing.T) {
	t.Parallel()
	const none = "the data do not begin with the prefix of a schema registry"
	for record, want := range map[string]string{
		"":                           none,
		"\x00\x00\x00\x01":           none,
		"\x01\x00\x00\x01\x00secret": none,
		"\x03\x00" + uuid[:15]:       none,
		"\x03\x01" + uuid + "secret": "the compression of the data is not known",
		"\x03\x05" + uuid + "secret": "the compressed data are not valid",
		"\x03\x05" + uuid:            "the compressed data are not valid",
		"\x03\x05" + uuid + compressed("data")[:8]:                      "the compressed data are not valid",
		"\x03\x05" + uuid + compressed(strings.Repeat("x", 16<<20+1)):   "the compressed data have more than 16 MB",
		"\x03\x05" + uuid + compressed(strings.Repeat("\x00", 100<<20)): "the compressed data have more than 16 MB",
	} {
		if _, _, _, err := prefix.Cut([]byte(record)); err == nil || err.Error() != want {
			t.Errorf("%.30q: got %v, want %s", record, err, want)
		}
	}
}

package jsontest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// FolderVariable names the environment variable with the folder that Collect writes to.
const FolderVariable = "LAMBDAKIT_DOCUMENTS"

var (
	mu    sync.Mutex
	files = make(map[string]*os.File)
)

// Collect appends a document to a file of the folder that the environment variable names, one
// line a document. Each kind of document and each process has its own file, KIND-PID. Collect
// does nothing if the variable is unset, and panics if it cannot write.
func Collect(kind string, document []byte) {
	folder := os.Getenv(FolderVariable)
	if folder == "" {
		return
	}
	mu.Lock()
	defer mu.Unlock()
	file := files[kind]
	if file == nil {
		var err error
		name := filepath.Join(folder, fmt.Sprintf("%s-%d", kind, os.Getpid()))
		if file, err = os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			panic(err)
		}
		files[kind] = file
	}
	line := append(bytes.TrimSuffix(bytes.Clone(document), []byte("\n")), '\n')
	if _, err := file.Write(line); err != nil {
		panic(err)
	}
}

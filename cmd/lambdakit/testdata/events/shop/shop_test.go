package shop

import "os"

var _ = os.Getenv(1) // does not compile, and is not needed

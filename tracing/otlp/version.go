package otlp

// version is the version of the module. A release changes it. Reading it from the build information
// would add 10 KB to programs.
const version = "devel"

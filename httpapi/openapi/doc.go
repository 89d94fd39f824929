// Package openapi makes OpenAPI documents of the typed operations of package httpapi. A test calls it and
// compares the document with a file:
//
//	func TestOpenAPI(t *testing.T) {
//		got, err := openapi.Document(routes(), openapi.Info{Title: "Orders", Version: "1"})
//		if err != nil {
//			t.Fatal(err)
//		}
//		if want, _ := os.ReadFile("openapi.json"); string(got) != string(want) {
//			t.Errorf("openapi.json is out of date: got %s", got)
//		}
//	}
//
// A function that does not import this package does not link it, and nothing serves the document.
//
// [Document] returns OpenAPI 3.1, for people, clients and tools. [Gateway] returns OpenAPI 3.0 with
// integrations, for the import of API Gateway, which does not read 3.1.
//
// # Operations
//
//   - Parameters are the path, query, header and cookie tags of the input. Their schemas have the
//     constraints and defaults. OpenAPI has no parameters for the headers Accept, Content-Type and
//     Authorization.
//   - Auth tags become the security scheme Info.Auth. If all auth tags of an operation are optional, the
//     scheme is optional.
//   - The request body has the schema of Body, with its constraints and required members.
//   - Responses are the output, the statuses of httpapi.OnError, 400, 401, 415 and 422 if the operation can
//     answer them, and a default for other errors. Errors are problems of RFC 9457.
//   - httpapi.About adds a summary, a description, tags, an id, and the status of a Response. A doc tag
//     describes a parameter or a member.
//
// A handler that is not an operation has its pattern only. A pattern without a method is documented as
// GET, PUT, POST, DELETE and PATCH if it is an operation.
//
// # Schemas
//
// Named structs, lists and maps are components with the name of their type. Two types with one name get
// the package in front, or a number at the end.
//
//   - A time is a date-time. A duration is a text in a parameter, and a number of nanoseconds in JSON.
//   - []byte is base64.
//   - A type with MarshalJSON or UnmarshalJSON accepts any value. A type with MarshalText or UnmarshalText
//     is a text.
//   - Members of embedded structs are members of the outer one, as in encoding/json.
//   - Pointers, lists and maps can be null, unless they are required, or are left out when empty.
//   - Required members are those with the tag required:"true". If only responses have a type, its
//     required members are those that are always written.
//
// A request that a schema accepts fits the operation. Some requests fit that a schema refuses: package
// httpapi accepts null for members that are not required, and does not check the constraints of a type
// inside itself. Patterns have the syntax of package regexp, and the bounds of 64-bit integers are
// in the format only.
package openapi

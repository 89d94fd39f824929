// Package jsonscan reads JSON text without decoding it. It finds a value by its path and
// replaces values in place. It allocates only for keys and strings with escapes or characters
// other than ASCII.
//
// Other modules import this package, so it changes only by addition.
package jsonscan

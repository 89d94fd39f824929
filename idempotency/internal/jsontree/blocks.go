package jsontree

// The sizes of a tree's blocks: the first is enough for a small event, and none is so
// large that a value kept out of a large tree holds much more than itself.
const (
	firstBlock = 8
	lastBlock  = 256
)

// blocks hands out the memory of one tree in pieces of larger allocations.
type blocks struct {
	nodes    []node
	elements []Value
	members  []Member

	nodeSize, elementSize, memberSize int
}

func (b *blocks) node() *node {
	if len(b.nodes) == 0 {
		b.nodeSize = grow(b.nodeSize)
		b.nodes = make([]node, b.nodeSize)
	}
	n := &b.nodes[0]
	b.nodes = b.nodes[1:]
	return n
}

// array returns an array with a copy of the elements.
func (b *blocks) array(elements []Value) Value {
	n := b.node()
	n.elements = carve(&b.elements, &b.elementSize, elements)
	return Value{kind: Array, node: n}
}

// object returns an object with a copy of the members.
func (b *blocks) object(members []Member) Value {
	n := b.node()
	n.members = carve(&b.members, &b.memberSize, members)
	return Value{kind: Object, node: n}
}

// carve copies items to the front of the block. If the block is too short, it uses a new block, or a
// separate allocation if the items would fill most of a block.
func carve[T any](block *[]T, size *int, items []T) []T {
	n := len(items)
	switch {
	case n == 0:
		return nil
	case n > lastBlock/2:
		return append([]T(nil), items...)
	case n > len(*block):
		*size = max(grow(*size), n)
		*block = make([]T, *size)
	}
	own := (*block)[:n:n]
	*block = (*block)[n:]
	copy(own, items)
	return own
}

func grow(size int) int { return min(max(2*size, firstBlock), lastBlock) }

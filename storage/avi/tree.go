package avi

import (
	"crypto/sha256"
	"errors"
	"math/bits"
)

// Hash is a SHA-256.
type Hash = [sha256.Size]byte

// A tree is the Merkle tree of RFC 6962, section 2.1, as its leaves come: SHA-256 over 01 and both halves, of which
// the left one is the largest power of two that is smaller than the whole. It holds a hash for each bit of the
// number of leaves. The zero value is empty.
type tree struct {
	roots [32]Hash // of whole halves, the largest first
	depth int
	count uint32
}

func (t *tree) add(leaf Hash) {
	t.roots[t.depth] = leaf
	t.depth++
	t.count++
	for range bits.TrailingZeros32(t.count) {
		t.depth--
		t.roots[t.depth-1] = joinHashes(t.roots[t.depth-1], t.roots[t.depth])
	}
}

// root is the tree's hash; of an empty one that of nothing.
func (t *tree) root() Hash {
	if t.depth == 0 {
		return sha256.Sum256(nil)
	}
	root := t.roots[t.depth-1]
	for i := t.depth - 2; i >= 0; i-- {
		root = joinHashes(t.roots[i], root)
	}
	return root
}

func joinHashes(left, right Hash) Hash {
	var b [1 + 2*sha256.Size]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[1+sha256.Size:], right[:])
	return sha256.Sum256(b[:])
}

// Proof are the hashes that lead from the leaves [from, to) of a tree to its root: those of the largest parts that
// hold none of them, from left to right. At most 2·log2 of the number of leaves.
func Proof(leaves []Hash, from, to int) []Hash {
	if len(leaves) == 0 || from >= to {
		return nil
	}
	return proofOf(nil, leaves, from, to)
}

func proofOf(proof, leaves []Hash, from, to int) []Hash {
	if from >= len(leaves) || to <= 0 {
		var part tree
		for _, leaf := range leaves {
			part.add(leaf)
		}
		return append(proof, part.root())
	}
	if len(leaves) == 1 || from <= 0 && to >= len(leaves) {
		return proof
	}
	half := leftHalf(len(leaves))
	proof = proofOf(proof, leaves[:half], from, to)
	return proofOf(proof, leaves[half:], from-half, to-half)
}

func leftHalf(count int) int { return 1 << (bits.Len(uint(count-1)) - 1) }

// ErrNoProof is returned by Proven for hashes that lead nowhere.
var ErrNoProof = errors.New("the proof is of another number of pictures")

// Proven is the root to which a Proof leads from the leaves [from, from+len(leaves)) of a tree of count.
func Proven(leaves []Hash, from, count int, proof []Hash) (Hash, error) {
	if count <= 0 || from < 0 || len(leaves) == 0 || from+len(leaves) > count {
		return Hash{}, ErrNoProof
	}
	root, rest, err := provenOf(leaves, from, count, proof)
	if err == nil && len(rest) > 0 {
		err = ErrNoProof
	}
	return root, err
}

// provenOf is for the part of a tree of so many leaves; those that are known begin at from, which may lie outside of it.
func provenOf(leaves []Hash, from, count int, proof []Hash) (root Hash, rest []Hash, err error) {
	to := from + len(leaves)
	switch {
	case from >= count || to <= 0:
		if len(proof) == 0 {
			return root, nil, ErrNoProof
		}
		return proof[0], proof[1:], nil
	case from <= 0 && to >= count:
		var part tree
		for _, leaf := range leaves[-from : count-from] {
			part.add(leaf)
		}
		return part.root(), proof, nil
	}
	half := leftHalf(count)
	left, rest, err := provenOf(leaves, from, half, proof)
	if err != nil {
		return root, nil, err
	}
	right, rest, err := provenOf(leaves, from-half, count-half, rest)
	return joinHashes(left, right), rest, err
}

package storagetest

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"

	"v720dvr/storage"
)

// NewDisk makes a Disk that remembers what was not synced, so that PowerCut can forget it. What it
// forgets is drawn by lot from the seed. It syncs nothing for real.
func NewDisk(t testing.TB, seed uint64) *Disk {
	t.Helper()
	return &Disk{memory: &memory{
		random: rand.New(rand.NewPCG(seed, 0)),
		graves: t.TempDir(),
		nodes:  make(map[string]*node),
	}}
}

// PowerCut ends everything: from now on each operation fails. Then what was not synced is
// forgotten:
//
//   - of a file's pages of 4096 bytes that were written since its last good sync, all, or some, or
//     none are as they were before; of its new length, all, some or nothing is there, and pages
//     without their bytes are zeros;
//   - of the names that were made, changed and removed in a folder since its last sync, the newest
//     ones, any number of them, are as before: files are back, or gone with what was in them.
//
// A failed sync makes nothing safe, and neither does a later one for the bytes that it was about:
// the kernel takes those for written (docs/storage.md, "What a fault costs").
func (d *Disk) PowerCut(t testing.TB) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = true
	d.life++
	if err := d.memory.forget(); err != nil {
		t.Fatal(err)
	}
}

// PowerOn lets a disk be used again after a PowerCut, by a store that is opened anew.
func (d *Disk) PowerOn() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = false
}

const pageSize = 4096

// memory is what a power cut would take.
type memory struct {
	mu     sync.Mutex
	random *rand.Rand
	graves string           // removed files lie there until their folder is synced
	buried int              // so far
	nodes  map[string]*node // files that were opened, by the path they have now
	names  []change         // not yet durable, in order
}

// node is a file's content as far as it may be lost.
type node struct {
	path   string
	length int64    // at its last good sync
	layers []*layer // written since, the oldest first
}

// layer is what was written between two syncs.
type layer struct {
	old   map[int64][]byte // pages as they were before, by number; shorter where the file ended
	begun bool             // a sync began behind it
}

// change is one of a name.
type change struct {
	op         string
	path, from string // from: of a rename
	grave      string // of a removed file
	dir        bool   // it was a folder that was removed
}

func (m *memory) node(path string, size int64) *node {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.nodes[path]
	if n == nil {
		n = &node{path: path, length: size}
		m.nodes[path] = n
	}
	return n
}

// touch keeps the pages of [from, to) as they are, before they are written.
func (m *memory) touch(n *node, f storage.File, from, to int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(n.layers) == 0 || n.layers[len(n.layers)-1].begun {
		n.layers = append(n.layers, &layer{old: make(map[int64][]byte)})
	}
	now := n.layers[len(n.layers)-1]
	for page := from / pageSize; page*pageSize < to; page++ {
		if _, kept := now.old[page]; kept {
			continue
		}
		old := make([]byte, pageSize)
		read, err := f.ReadAt(old, page*pageSize)
		if err != nil && !errors.Is(err, io.EOF) {
			panic(err) // the real disk under a test fails
		}
		now.old[page] = slices.Clone(old[:read])
	}
}

// beginSync draws a line under what was written until now; done says how the sync of that ended.
func (m *memory) beginSync(n *node) (done func(error)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	length := n.length
	var asked []*layer
	for _, l := range n.layers {
		if !l.begun {
			l.begun = true
			asked = append(asked, l)
		}
	}
	if info, err := os.Stat(n.path); err == nil {
		length = info.Size()
	}
	return func(err error) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if err != nil {
			return // its layers are never asked again: that is the lie of a second fsync
		}
		n.length = length
		n.settled(asked)
	}
}

// settled forgets layers that were synced, and of those before them the pages that were written
// again in these: whole pages reach the disk.
func (n *node) settled(synced []*layer) {
	var kept []*layer
	for _, l := range n.layers {
		if !slices.Contains(synced, l) {
			kept = append(kept, l)
			continue
		}
		for _, before := range kept {
			for page := range l.old {
				delete(before.old, page)
			}
		}
	}
	n.layers = kept
}

func (m *memory) syncDir(dir string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var failed error
	m.names = slices.DeleteFunc(m.names, func(c change) bool {
		if filepath.Dir(c.path) != dir {
			return false
		}
		if c.grave != "" {
			failed = errors.Join(failed, os.Remove(c.grave))
			delete(m.nodes, c.grave)
		}
		return true
	})
	return failed
}

// noting returns do as it must be done to be undone.
func (m *memory) noting(c change, do func() error) func() error {
	return func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		if c.op == OpRemove {
			info, err := os.Lstat(c.path)
			if err != nil {
				return err
			}
			if c.dir = info.IsDir(); !c.dir {
				m.buried++
				c.grave = filepath.Join(m.graves, strconv.Itoa(m.buried))
				do = func() error { return os.Rename(c.path, c.grave) }
			}
		}
		if c.op == OpReplace {
			m.buried++
			c.grave = filepath.Join(m.graves, strconv.Itoa(m.buried))
			if err := os.Link(c.path, c.grave); err != nil {
				return err
			}
		}
		if err := do(); err != nil {
			return err
		}
		if c.op == OpReplace {
			m.moved(c.path, c.grave)
		}
		m.names = append(m.names, c)
		m.moved(c.was(), c.now())
		return nil
	}
}

// was and now are a file's path before and after a change; "" when there was none.
func (c change) was() string {
	switch c.op {
	case OpRename, OpReplace:
		return c.from
	case OpRemove:
		return c.path
	}
	return ""
}

func (c change) now() string {
	if c.op == OpRemove {
		return c.grave
	}
	return c.path
}

func (m *memory) moved(from, to string) {
	if n := m.nodes[from]; n != nil && from != "" {
		delete(m.nodes, from)
		n.path = to
		m.nodes[to] = n
	}
}

// forget is the power cut.
func (m *memory) forget() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	paths := make([]string, 0, len(m.nodes))
	for path := range m.nodes {
		paths = append(paths, path)
	}
	slices.Sort(paths) // the lot must not hang on the order of a map
	for _, path := range paths {
		if err := m.forgetPages(m.nodes[path]); err != nil {
			return err
		}
	}
	if err := m.forgetNames(); err != nil {
		return err
	}
	clear(m.nodes)
	m.names = nil
	return nil
}

// forgetPages makes of a file what the disk may hold of it.
func (m *memory) forgetPages(n *node) error {
	if len(n.layers) == 0 {
		return nil
	}
	f, err := os.OpenFile(n.path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	lost := []float64{1, 0, m.random.Float64()}[m.random.IntN(3)] // how much of it
	length := info.Size()
	if longer := length - n.length; longer > 0 {
		switch lost {
		case 0:
		case 1:
			length = n.length
		default:
			length = n.length + m.random.Int64N(longer+1)
		}
	}
	kept := make(map[int64]bool) // pages whose lot is drawn: the newer one is on the disk
	for _, l := range slices.Backward(n.layers) {
		pages := make([]int64, 0, len(l.old))
		for page := range l.old {
			pages = append(pages, page)
		}
		slices.Sort(pages)
		for _, page := range pages {
			if kept[page] || m.random.Float64() >= lost {
				kept[page] = true
				continue
			}
			old := append(slices.Clone(l.old[page]), make([]byte, pageSize-len(l.old[page]))...)
			if _, err := f.WriteAt(old, page*pageSize); err != nil {
				return err
			}
		}
	}
	return f.Truncate(length)
}

// forgetNames undoes the newest changes in each folder, as many as the lot says.
func (m *memory) forgetNames() error {
	in := make(map[string]int) // changes by folder
	var folders []string
	for _, c := range m.names {
		dir := filepath.Dir(c.path)
		if in[dir]++; in[dir] == 1 {
			folders = append(folders, dir)
		}
	}
	for _, dir := range folders {
		in[dir] = m.random.IntN(in[dir] + 1)
	}
	for _, c := range slices.Backward(m.names) {
		dir := filepath.Dir(c.path)
		if in[dir] == 0 {
			continue
		}
		in[dir]--
		if err := c.undo(); err != nil && !errors.Is(err, fs.ErrNotExist) { // its folder is gone already
			return err
		}
	}
	return nil
}

func (c change) undo() error {
	switch {
	case c.op == OpRename:
		return os.Rename(c.path, c.from)
	case c.op == OpReplace:
		return errors.Join(os.Rename(c.path, c.from), os.Rename(c.grave, c.path))
	case c.op == OpRemove && c.dir:
		return os.Mkdir(c.path, 0o755)
	case c.op == OpRemove:
		return os.Rename(c.grave, c.path)
	}
	return os.RemoveAll(c.path)
}

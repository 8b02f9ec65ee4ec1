package publisher

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
)

// ExportResult counts files.
type ExportResult struct {
	Written   int // new or other bytes than before
	Unchanged int
	Removed   int // of channels that are gone
}

// manifestName is the list of the files that we wrote, in the form of
// sha256sum(1). Only what it lists, and what is still as we wrote it, is ever removed.
const manifestName = ".bantin-files"

// Export writes the site below dir under the paths at which Handler serves it,
// pages as index.html. Each file is replaced at once or not at all, and only
// when its bytes differ, so a web server may serve dir meanwhile. What the site
// has no longer is removed, so it must have all issues of its digests.
func Export(dir string, site *Site) (ExportResult, error) {
	var result ExportResult
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return result, fmt.Errorf("make directory: %w", err)
	}
	// A root keeps symbolic links and names in the manifest from leading out of dir.
	root, err := os.OpenRoot(dir)
	if err != nil {
		return result, fmt.Errorf("open directory: %w", err)
	}
	defer func() { _ = root.Close() }() // nothing is buffered in it
	x := exporter{root: root, site: site, result: &result}
	return result, x.export()
}

// The files are for a web server, which is another user.
const (
	dirMode      = 0o755
	fileMode     = 0o644
	manifestMode = 0o600 // names every file; nobody needs that but us
)

type exporter struct {
	root   *os.Root
	site   *Site
	result *ExportResult
}

// manifest is the hash of each file that we wrote, by name.
type manifest map[string]string

func (x *exporter) export() error {
	old, err := x.readManifest()
	if err != nil {
		return err
	}
	ours := manifest{}
	for _, path := range x.site.Paths() {
		ours[fileName(path)] = contentHash(x.site.files[path].Body)
	}
	stale := old.without(ours)
	// What is going to be written is listed before it is, so that after a crash
	// nothing of ours is taken for somebody else's.
	if err := x.writeManifest(ours.with(stale)); err != nil {
		return err
	}
	for _, path := range x.site.Paths() {
		if err := x.export1(fileName(path), x.site.files[path].Body); err != nil {
			return err
		}
	}
	if len(stale) == 0 {
		return nil
	}
	if err := x.removeStale(stale); err != nil {
		return err
	}
	return x.writeManifest(ours)
}

func (x *exporter) export1(name string, content []byte) error {
	present, err := x.root.ReadFile(name)
	if err == nil && bytes.Equal(present, content) {
		x.result.Unchanged++
		return nil
	}
	if err := x.replace(name, content, fileMode); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	x.result.Written++
	return nil
}

// replace writes a file beside the one it replaces and renames it: whoever reads
// meanwhile, or after a power cut, finds the old bytes or the new ones. (The
// package renameio does the same, but not on Windows.)
func (x *exporter) replace(name string, content []byte, mode fs.FileMode) error {
	if err := x.root.MkdirAll(path.Dir(name), dirMode); err != nil {
		return err
	}
	temporary := path.Join(path.Dir(name), "."+path.Base(name)+"."+rand.Text()+".tmp")
	if err := x.writeDurably(temporary, content, mode); err != nil {
		return errors.Join(err, x.discard(temporary))
	}
	if err := x.root.Rename(temporary, name); err != nil {
		return errors.Join(err, x.discard(temporary))
	}
	return nil
}

func (x *exporter) writeDurably(name string, content []byte, mode fs.FileMode) error {
	f, err := x.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

func (x *exporter) discard(name string) error {
	if err := x.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// removeStale removes the files of channels that are gone, and their directories
// when nothing else is in them.
func (x *exporter) removeStale(stale manifest) error {
	for _, name := range slices.Sorted(maps.Keys(stale)) {
		present, err := x.root.ReadFile(name)
		if err != nil || contentHash(present) != stale[name] {
			continue // gone already, or somebody else's by now
		}
		if err := x.root.Remove(name); err != nil {
			return fmt.Errorf("remove %s: %w", name, err)
		}
		x.result.Removed++
		_ = x.root.Remove(path.Dir(name)) // refused while something is in it
	}
	return nil
}

func (x *exporter) readManifest() (manifest, error) {
	data, err := x.root.ReadFile(manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return manifest{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read list of files: %w", err)
	}
	m := manifest{}
	for line := range strings.Lines(string(data)) {
		if hash, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  "); ok {
			m[name] = hash
		}
	}
	return m, nil
}

func (x *exporter) writeManifest(m manifest) error {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(m)) {
		fmt.Fprintf(&b, "%s  %s\n", m[name], name)
	}
	if present, err := x.root.ReadFile(manifestName); err == nil && bytes.Equal(present, b.Bytes()) {
		return nil
	}
	if err := x.replace(manifestName, b.Bytes(), manifestMode); err != nil {
		return fmt.Errorf("write list of files: %w", err)
	}
	return nil
}

// without returns the entries of m whose names other does not have.
func (m manifest) without(other manifest) manifest {
	kept := manifest{}
	for name, hash := range m {
		if _, there := other[name]; !there {
			kept[name] = hash
		}
	}
	return kept
}

// with returns the entries of both.
func (m manifest) with(other manifest) manifest {
	both := maps.Clone(m)
	maps.Copy(both, other)
	return both
}

func contentHash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

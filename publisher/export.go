package publisher

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// ExportResult counts documents; the compressed files beside one count with it.
type ExportResult struct {
	Written   int // new or other bytes than before
	Unchanged int
	Removed   int // of channels that are gone
}

// manifestName is the list of the files that we wrote, in the form of
// sha256sum(1). Only what it lists, and what is still as we wrote it, is ever removed.
const manifestName = ".bantin-files"

// missingName is the page for what is not there, which a web server is told of.
const missingName = "/404.html"

// Export writes the site below dir under the paths at which Handler serves it,
// pages as index.html, each with its encodings beside it, and the page for what
// is missing as 404.html. Only what differs is written, and whoever reads
// meanwhile finds each file whole, as it was or as it is. What the site has no
// longer is removed, so it must have all issues of its digests.
func Export(dir string, site *Site) (ExportResult, error) {
	return NewExporter(dir).Export(context.Background(), site, func(*Taker) error { return nil })
}

// An Exporter writes a site again and again. It is not safe for concurrent use.
type Exporter struct {
	dir      string
	versions map[string]string // of the documents that a Taker took, by path
}

// NewExporter returns an Exporter that writes below dir.
func NewExporter(dir string) *Exporter {
	return &Exporter{dir: dir, versions: map[string]string{}}
}

// Export does what the function Export does with a site that has more documents
// than fit in memory: more hands over each of them. When it fails, or ctx ends,
// nothing is removed.
func (e *Exporter) Export(ctx context.Context, site *Site, more func(*Taker) error) (ExportResult, error) {
	var result ExportResult
	if err := os.MkdirAll(e.dir, dirMode); err != nil {
		return result, fmt.Errorf("make directory: %w", err)
	}
	// A root keeps symbolic links and names in the manifest from leading out of dir.
	root, err := os.OpenRoot(e.dir)
	if err != nil {
		return result, fmt.Errorf("open directory: %w", err)
	}
	defer func() { _ = root.Close() }() // nothing is buffered in it
	x := exporter{ended: ctx.Err, root: root, ours: manifest{}, touched: map[string]bool{}, result: &result}
	taker := &Taker{exporter: &x, last: e.versions, versions: map[string]string{}}
	err = x.export(site.documents(), func() error { return more(taker) })
	if err == nil {
		e.versions = taker.versions
	}
	return result, err
}

// A Taker takes documents that are not part of the site.
type Taker struct {
	*exporter

	last, versions map[string]string // by path
}

// Holds reports whether the document at a path was taken in that version the
// last time. Then it stays and need not be made again.
func (t *Taker) Holds(path, version string) bool {
	name := fileName(path)
	if version == "" || t.last[path] != version || t.old[name] == nil {
		return false
	}
	if _, err := t.root.Stat(name); err != nil {
		return false
	}
	for _, n := range withSiblings(name) {
		if hashes := t.old[n]; hashes != nil {
			t.ours[n] = hashes
		}
	}
	t.versions[path] = version
	t.result.Unchanged++
	return true
}

// Take writes a document. The version says what it was made of.
func (t *Taker) Take(path, version string, file *File) error {
	name := fileName(path)
	fresh := t.list(name, file)
	if err := t.appendManifest(fresh); err != nil {
		return err
	}
	if err := t.put(name, file); err != nil {
		return err
	}
	t.versions[path] = version
	return nil
}

// documents are the files of the site with the page for what is missing.
func (s *Site) documents() map[string]*File {
	all := maps.Clone(s.files)
	all[missingName] = s.notFound
	return all
}

// The files are for a web server, which is another user.
const (
	dirMode      = 0o755
	fileMode     = 0o644
	manifestMode = 0o600 // names every file; nobody needs that but us
)

// atOnce is how many documents are written at once: a disk makes many files
// durable in the time that it takes for one.
const atOnce = 16

type exporter struct {
	ended     func() error // of the context
	root      *os.Root
	old, ours manifest

	mu      sync.Mutex
	touched map[string]bool // directories whose entries changed
	result  *ExportResult
}

// count enters what was done in a directory.
func (x *exporter) count(directory string, counter *int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.touched[directory] = true
	*counter++
}

// A manifest has the hash of each file that we wrote, by name; more than one
// where we may have been stopped before or after we wrote it.
type manifest map[string][]string

func (x *exporter) export(documents map[string]*File, more func() error) error {
	var err error
	if x.old, err = x.readManifest(); err != nil {
		return err
	}
	paths := slices.Sorted(maps.Keys(documents))
	for _, path := range paths {
		x.list(fileName(path), documents[path])
	}
	// What is going to be written is listed before it is, so that after a crash
	// nothing of ours is taken for somebody else's.
	if err := x.writeManifest(x.old.with(x.ours)); err != nil {
		return err
	}
	var writers errgroup.Group
	writers.SetLimit(atOnce)
	for _, path := range paths {
		writers.Go(func() error { return x.put(fileName(path), documents[path]) })
	}
	if err := writers.Wait(); err != nil {
		return err
	}
	if err := more(); err != nil {
		return err
	}
	if err := x.removeStale(); err != nil {
		return err
	}
	if err := x.syncDirectories(); err != nil {
		return err
	}
	return x.writeManifest(x.ours)
}

// list enters a document and its encodings, and returns those whose bytes the
// manifest did not have.
func (x *exporter) list(name string, f *File) manifest {
	fresh := manifest{}
	for n, b := range packets(name, f) {
		hash := x.hash(n, b)
		x.ours[n] = []string{hash}
		if !slices.Contains(x.old[n], hash) {
			fresh[n] = []string{hash}
		}
	}
	return fresh
}

// A packet is the bytes of a file and their entity tag.
type packet struct {
	content []byte
	etag    string
}

// packets are the files of a document.
func packets(name string, f *File) map[string]packet {
	all := map[string]packet{name: {f.Body, f.ETag}}
	for _, e := range f.Encoded {
		all[name+e.Suffix] = packet{e.Body, e.ETag}
	}
	return all
}

// hash is the hash of the bytes, of which the entity tag is the first half: what
// was listed before is not hashed again.
func (x *exporter) hash(name string, b packet) string {
	for _, hash := range x.old[name] {
		if strings.HasPrefix(hash, strings.Trim(b.etag, `"`)) {
			return hash
		}
	}
	return contentHash(b.content)
}

// put writes a document with its encodings, unless they are there.
func (x *exporter) put(name string, f *File) error {
	if err := x.ended(); err != nil {
		return err
	}
	if x.isThere(name, f) {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.result.Unchanged++
		return nil
	}
	if err := x.replace(name, f); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	x.count(path.Dir(name), &x.result.Written)
	return nil
}

// isThere trusts the manifest where a file has the size and the time that we
// gave it: nothing is read.
func (x *exporter) isThere(name string, f *File) bool {
	for n, b := range packets(name, f) {
		info, err := x.root.Stat(n)
		if err != nil || !slices.Equal(x.old[n], x.ours[n]) ||
			info.Size() != int64(len(b.content)) || info.ModTime().Before(f.LastModified.Truncate(time.Second)) {
			return false
		}
	}
	return true
}

// replace writes the new files beside the old ones and then renames all at once:
// whoever reads meanwhile, or after a power cut, finds the old bytes or the new
// ones, and for no longer than some renames take the old ones in one encoding
// and the new ones in another. (The package renameio does the same for one file,
// but not on Windows.)
func (x *exporter) replace(name string, f *File) (err error) {
	if err := x.root.MkdirAll(path.Dir(name), dirMode); err != nil {
		return err
	}
	var temporary []string
	defer func() {
		for _, t := range temporary {
			err = errors.Join(err, x.discard(t)) // nothing is left of those that were renamed
		}
	}()
	files, modified := packets(name, f), x.modified(name, f)
	names := slices.Sorted(maps.Keys(files)) // the plain one first
	for _, n := range names {
		t := temporaryName(n)
		temporary = append(temporary, t)
		if err := x.writeDurably(t, files[n].content, fileMode); err != nil {
			return err
		}
		if err := x.root.Chtimes(t, time.Time{}, modified); err != nil {
			return err
		}
	}
	for i, n := range names {
		if err := x.root.Rename(temporary[i], n); err != nil {
			return err
		}
	}
	return x.removeSiblings(name, files)
}

// modified is what the file system is to say of a document, which web servers
// send as Last-Modified and make their entity tags of, together with the size:
// other bytes get another second.
func (x *exporter) modified(name string, f *File) time.Time {
	modified := f.LastModified // when zero, the file system's own clock
	if present, err := x.root.Stat(name); err == nil && !modified.IsZero() {
		if next := present.ModTime().Truncate(time.Second).Add(time.Second); modified.Before(next) {
			return next
		}
	}
	return modified
}

// removeSiblings removes encodings that the document had: a server would take
// them for it.
func (x *exporter) removeSiblings(name string, files map[string]packet) error {
	for _, n := range withSiblings(name) {
		if _, keep := files[n]; !keep {
			if err := x.remove(n); err != nil {
				return err
			}
		}
	}
	return nil
}

func temporaryName(name string) string {
	return path.Join(path.Dir(name), "."+path.Base(name)+"."+rand.Text()+".tmp")
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
func (x *exporter) removeStale() error {
	// The last first: encodings before the document that they would stand for.
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(x.old))) {
		if x.ours[name] == nil {
			if err := x.remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// remove removes a file if it is as we wrote it.
func (x *exporter) remove(name string) error {
	present, _ := x.root.ReadFile(name) // gone already, where that fails
	if present == nil || !slices.Contains(x.old[name], contentHash(present)) {
		return nil // somebody else's by now
	}
	if err := x.root.Remove(name); err != nil {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	encodings := 0 // count with their document
	if isSibling(name) {
		x.count(path.Dir(name), &encodings)
	} else {
		x.count(path.Dir(name), &x.result.Removed)
	}
	_ = x.root.Remove(path.Dir(name)) // refused while something is in it
	return nil
}

// suffixes are those of Encoded. No document of ours has one.
func suffixes() []string { return []string{".br", ".gz", ".zst"} }

func isSibling(name string) bool { return slices.Contains(suffixes(), path.Ext(name)) }

// withSiblings are the names of a document and of all encodings that it may have.
func withSiblings(name string) []string {
	names := []string{name}
	for _, suffix := range suffixes() {
		names = append(names, name+suffix)
	}
	return names
}

// syncDirectories makes the new names durable, each directory once.
func (x *exporter) syncDirectories() error {
	if runtime.GOOS == "windows" {
		return nil // it knows no such thing
	}
	for _, name := range slices.Sorted(maps.Keys(x.touched)) {
		directory, err := x.root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was removed
		}
		if err == nil {
			err = errors.Join(directory.Sync(), directory.Close())
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
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
			m[name] = append(m[name], hash)
		}
	}
	return m, nil
}

// appendManifest lists some files more.
func (x *exporter) appendManifest(m manifest) error {
	if len(m) == 0 {
		return nil
	}
	f, err := x.root.OpenFile(manifestName, os.O_WRONLY|os.O_APPEND, manifestMode)
	if err != nil {
		return fmt.Errorf("write list of files: %w", err)
	}
	_, err = f.Write(m.encode())
	return errors.Join(err, f.Close())
}

func (x *exporter) writeManifest(m manifest) error {
	content := m.encode()
	if present, err := x.root.ReadFile(manifestName); err == nil && bytes.Equal(present, content) {
		return nil
	}
	temporary := temporaryName(manifestName)
	err := x.writeDurably(temporary, content, manifestMode)
	if err == nil {
		err = x.root.Rename(temporary, manifestName)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write list of files: %w", err), x.discard(temporary))
	}
	return nil
}

func (m manifest) encode() []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(m)) {
		for _, hash := range m[name] {
			fmt.Fprintf(&b, "%s  %s\n", hash, name)
		}
	}
	return b.Bytes()
}

// with returns the entries of both.
func (m manifest) with(other manifest) manifest {
	both := maps.Clone(m)
	for name, hashes := range other {
		for _, hash := range hashes {
			if !slices.Contains(both[name], hash) {
				both[name] = append(slices.Clip(both[name]), hash)
			}
		}
	}
	return both
}

func contentHash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

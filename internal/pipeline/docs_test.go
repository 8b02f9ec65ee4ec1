package pipeline_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The document names tests as `package.Test`.
var namedTest = regexp.MustCompile("`([a-z]+\\.(?:Test|Fuzz)[A-Z][A-Za-z0-9]*)`")

var declaredTest = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z][A-Za-z0-9]*)\(`)

// declaredTests are the tests of the tree, with their folder for a package.
func declaredTests(t *testing.T, root string) map[string]bool {
	t.Helper()
	declared := make(map[string]bool)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, match := range declaredTest.FindAllStringSubmatch(string(text), -1) {
			declared[filepath.Base(filepath.Dir(path))+"."+match[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return declared
}

// Each promise of the document has a test that is there, or says that it has none.
func TestTheDocumentOnFetchingNamesTestsThatAreThere(t *testing.T) {
	const root = "../.."
	text, err := os.ReadFile(filepath.Join(root, "docs", "fetching.md"))
	if err != nil {
		t.Fatal(err)
	}
	declared := declaredTests(t, root)
	for _, match := range namedTest.FindAllStringSubmatch(string(text), -1) {
		if !declared[match[1]] {
			t.Errorf("docs/fetching.md names %s, and there is no such test", match[1])
		}
	}
	manners := regexp.MustCompile(`(?m)^\| \d+ \|.*$`).FindAllString(string(text), -1)
	if len(manners) != 50 {
		t.Errorf("got %d numbered promises, want 50", len(manners))
	}
	for _, line := range manners {
		if !namedTest.MatchString(line) && !strings.Contains(line, "not done") {
			t.Errorf("no test and no word of it: %s", line)
		}
	}
}

package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"

	"bantin/config"
	"bantin/internal/article"
)

type checkCmd struct{}

// Run validates the configuration, and tells which sources have moved since it
// was written.
func (checkCmd) Run(s *session) error {
	k, err := learn(s.getenv)
	if err != nil {
		return err
	}
	cfg, err := config.Load(s.configPath, k.known)
	if err != nil {
		return err
	}
	s.printf("%s is well: %d sources, %d channels, %d digests\n",
		s.configPath, len(cfg.Sources), len(cfg.Channels), len(cfg.Digests))
	states, err := storedStates(s.ctx, string(cfg.Store))
	if err != nil { // the file is well all the same
		s.printf("Whether sources have moved cannot be told: %v\n", err)
	}
	for _, src := range cfg.Sources {
		if address := movedTo(src.Source, states[src.ID]); address != "" {
			s.printf("%s has moved for good: write %s in place of %s\n", src.ID, address, src.URL())
		}
	}
	return nil
}

// storedStates returns what the store holds of the sources. A SQLite file that is
// not there holds nothing, and is not made.
func storedStates(ctx context.Context, uri string) (states map[string]article.SourceState, err error) {
	if path, ok := strings.CutPrefix(uri, "sqlite:"); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
	}
	st, err := openStore(ctx, uri)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	return st.States(ctx)
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

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
	readFrom := addressesOf(cfg.Sources, states)
	for _, src := range cfg.Sources {
		if note := moveNote(src, states[src.ID], readFrom); note != "" {
			s.printf("%s\n", note)
		}
	}
	return nil
}

// addressesOf are the addresses from which sources are read, each with the id of
// its source; of several the one that is configured there comes first.
func addressesOf(sources []config.Source, states map[string]article.SourceState) map[string]string {
	readFrom := make(map[string]string)
	for _, src := range sources {
		if address := movedTo(src.Source, states[src.ID]); address != "" {
			readFrom[address] = src.ID
		}
	}
	for _, src := range sources {
		readFrom[src.URL()] = src.ID
	}
	return readFrom
}

// moveNote says what an operator should know of the move of a source, or "".
func moveNote(src config.Source, state article.SourceState, readFrom map[string]string) string {
	address := movedTo(src.Source, state)
	told := cmp.Or(address, state.Move.To)
	other := readFrom[told]
	switch {
	case told == "" || told == src.URL():
		return ""
	case other != "" && other != src.ID:
		return fmt.Sprintf("%s has moved to %s, from where %s is read: delete one of the two, or look for another feed", src.ID, told, other)
	case address == "":
		return "" // bantin status tells of a move that is not yet believed
	case state.Failures > 0:
		return fmt.Sprintf("%s has moved for good to %s, which fails since %s: look which of this and %s is right, and enter it",
			src.ID, address, state.FailingSince.Format(time.DateOnly), src.URL())
	}
	return fmt.Sprintf("%s has moved for good: write %s in place of %s", src.ID, address, src.URL())
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

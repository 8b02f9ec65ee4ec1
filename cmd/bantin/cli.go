package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/alecthomas/kong"
)

const (
	version       = "0.1.0"
	defaultConfig = "bantin.yaml"
)

var (
	errUsage         = errors.New("wrong command line")
	errSourcesFailed = errors.New("some sources failed")
)

// cli is the command line.
type cli struct {
	Config string `short:"c" default:"${config}" placeholder:"FILE" help:"The configuration (default: ${config})."`

	Run         runCmd         `cmd:"" help:"Run the daemon: refresh sources on their schedules, serve the outputs and make the digests."`
	Fetch       fetchCmd       `cmd:"" help:"Refresh sources now, once, all of them or those named."`
	Publish     publishCmd     `cmd:"" help:"Write every output as files that any web server can serve."`
	Preview     previewCmd     `cmd:"" help:"Show the articles that a feed or page gives, storing nothing."`
	Discover    discoverCmd    `cmd:"" help:"Find the feeds of a site, or what a page of it gives, and print the YAML of a source."`
	Import      importCmd      `cmd:"" help:"Print the YAML of the sources in an OPML file."`
	Export      exportCmd      `cmd:"" help:"Print the sources as OPML, for a feed reader."`
	Check       checkCmd       `cmd:"" help:"Tell everything that is wrong in the configuration."`
	Status      statusCmd      `cmd:"" help:"Show how each source is doing."`
	Digest      digestCmd      `cmd:"" help:"Make today's issue of a digest now."`
	Why         whyCmd         `cmd:"" help:"Tell what became of an article, and why no channel took it."`
	Renormalize renormalizeCmd `cmd:"" help:"Read again what is kept of the sources, with the rules of today."`
	Takedown    takedownCmd    `cmd:"" help:"Remove an article from every output, for ever."`
	Demo        demoCmd        `cmd:"" help:"Try it out on sample sources served on this machine."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

// A session is what a command gets from the process.
type session struct {
	ctx            context.Context //nolint:containedctx // kong passes one value to a command's Run
	configPath     string
	stdout, stderr io.Writer
	getenv         func(string) string
	now            func() time.Time
	printErr       error // the first of printf
}

// printf prints to stdout. A command need not ask whether that went well: run does.
func (s *session) printf(format string, args ...any) {
	if _, err := fmt.Fprintf(s.stdout, format, args...); s.printErr == nil {
		s.printErr = err
	}
}

// run parses the command line and runs the command.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	var c cli
	exited := false
	parser, err := kong.New(&c,
		kong.Name("bantin"),
		kong.Description("Bantin gathers Vietnamese provincial news and publishes it again as feeds, pages and digests."),
		kong.Vars{"config": defaultConfig},
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { exited = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return fmt.Errorf("set up the command line: %w", err)
	}
	command, err := parser.Parse(args)
	if exited { // the help was printed
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w; see bantin --help", errUsage, err)
	}
	s := &session{ctx: ctx, configPath: c.Config, stdout: stdout, stderr: stderr, getenv: getenv, now: time.Now}
	if err := command.Run(s); err != nil {
		return err
	}
	return s.printErr
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(s *session) error {
	s.printf("bantin %s\n", version)
	return nil
}

// Kong shows these below a command's sentence.
func (runCmd) Help() string     { return example("bantin run -c /etc/bantin.yaml") }
func (fetchCmd) Help() string   { return example("bantin fetch bao-thai-nguyen") }
func (publishCmd) Help() string { return example("bantin publish --out public") }
func (previewCmd) Help() string { return example("bantin preview --json https://vov.vn/rss.xml") }
func (discoverCmd) Help() string {
	return example("bantin discover https://baoquangninh.vn/")
}
func (importCmd) Help() string { return example("bantin import feeds.opml") }
func (exportCmd) Help() string { return example("bantin export > bantin.opml") }
func (checkCmd) Help() string  { return example("bantin check -c bantin.yaml") }
func (statusCmd) Help() string { return example("bantin status --json") }
func (digestCmd) Help() string { return example("bantin digest sang") }
func (whyCmd) Help() string    { return example("bantin why https://baothainguyen.vn/…") }
func (takedownCmd) Help() string {
	return example(`bantin takedown --reason "asked by the source" https://…`)
}
func (demoCmd) Help() string    { return example("bantin demo --once --out public") }
func (versionCmd) Help() string { return example("bantin version") }

// example is text that kong does not wrap.
func example(command string) string { return "Example:\n\n    " + command }

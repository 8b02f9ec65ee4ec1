# The commands of daily work. `make check` is what must pass before a commit.

LINT := go tool -modfile=tools/go.mod golangci-lint

.PHONY: check fmt lint test race fuzz golden bench eval vuln

check: lint race

fmt: ## format everything
	$(LINT) fmt ./...

lint: ## format (as a check), vet, lint
	$(LINT) fmt --diff ./...
	go vet ./...
	$(LINT) run ./...
	go mod tidy -diff

test:
	go test ./...

race:
	go test -race -shuffle=on -timeout 30m ./...

fuzz: ## every fuzz target for FUZZTIME
	@set -e; for pkg in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "$$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(or $(FUZZTIME),20s) $$pkg; \
		done; \
	done

golden: ## write the golden files anew; read the diff before you commit it
	go test ./normalizer ./publisher ./config -update

bench: ## Go benchmarks; bench/README.md tells of the whole-process comparison
	go test -run '^$$' -bench . -benchmem ./...

eval: ## how well articles are read, beside go-readability and go-trafilatura
	go -C bench/eval run . $(EVALFLAGS)

vuln: ## known vulnerabilities; needs vuln.go.dev
	go tool -modfile=tools/go.mod govulncheck ./...

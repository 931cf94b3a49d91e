# The short names of what one does here. Everything works without make too.

GO ?= go
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
BUILD := CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-X main.version=$(VERSION)"

.DEFAULT_GOAL := help
.PHONY: help build test test-all race lint bench bench-peers sim year films motion-table faults powercuts small-disk crash soak rtsp fuzz cross dist bill test-dist clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build ./v720dvr for this machine
	$(BUILD) ./cmd/v720dvr

test: ## run the tests; what is not installed is skipped and named
	$(GO) test ./...

test-all: ## run the tests; a skipped test fails (needs ffmpeg)
	V720DVR_TEST_ALL=1 $(GO) test -count=1 ./...

race: ## run the tests with the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -count=1 ./...

lint: ## go vet and golangci-lint, by .golangci.yml
	$(GO) vet ./...
	golangci-lint run

bench: ## measure the path of a frame
	$(GO) test -run '^$$' -bench . -benchmem ./cloud/... ./recorder/... ./storage/...

PEERS ?= 60s

bench-peers: ## measure beside ffmpeg and motion for six minutes, into docs/performance.md (needs both, and a quiet machine)
	$(GO) test ./cmd/v720dvr -run TestPeersBesideEachOther -peers $(PEERS) -count=1 -v -timeout 20m

sim: ## a thousand towns of cameras, links and troubles drawn by lot
	$(GO) test ./cloud -run TestSeeds -seeds 1000 -timeout 60m

year: ## a year of two cameras, held against what is said of each second (put TMPDIR on a tmpfs)
	$(GO) test ./recorder -run TestAMonthIsRecordedOrSaysWhyNot -count=1 -days 366 -v -timeout 120m

films: ## measure the times in fifty films' finished files, with ffprobe and VLC
	$(GO) test ./cmd/v720dvr -run TestFinishedFilesAreTrueToTime -films 50 -count=1 -v -timeout 60m

motion-table: ## what the detector makes of the footage, clip by clip
	$(GO) test ./recorder/motion -run 'OnFootage$$' -count=1 -v

faults: ## write the table of docs/storage.md that says what a failing disk costs
	$(GO) test ./recorder -run TestFaultsCostWhatTheTableInTheDocumentsSays -count=1 -write-faults

powercuts: ## cut the power a thousand times, each at another moment
	$(GO) test ./recorder -run TestPowerCutTakes -count=1 -power-cuts 1000 -timeout 60m

rtsp: ## record a minute over RTSP with ffmpeg, and hold it against the recording
	V720DVR_TEST_ALL=1 V720DVR_TEST_RTSP=60s $(GO) test ./cmd/v720dvr -run TestFFmpegRecordsOverRTSPWhatIsRecorded -count=1 -v

crash: ## kill the recorder a hundred times, each at another moment
	V720DVR_TEST_CRASHES=100 $(GO) test ./cmd/v720dvr -run 'TestKilledRecorderLosesNothing|TestKilledExportLeavesNoHalfFile|TestKilledArchivingAndBringingBackCountNothingThatIsNotWhole|TestKilledWhileDeleting' -count=1 -v -timeout 60m
	V720DVR_TEST_CRASHES=100 $(GO) test ./storage -run TestKilledThinningLosesNothing -count=1 -v -timeout 60m

small-disk: ## four cameras for ten minutes on a disk of 200 MB (a tmpfs for root)
	$(GO) test ./cmd/v720dvr -run TestFourCamerasOnADiskThatHoldsMinutesNeverFillIt -count=1 -v -small-disk

SOAK ?= 1h

soak: ## SOAK (1h) of six cameras at 5 % loss: reboots, cut links, kills, full disks; each picture held against what was sent
	V720DVR_TEST_SOAK=$(SOAK) $(GO) test ./cmd/v720dvr -run TestSoakHoldsWhateverHappens -count=1 -v -timeout 48h

FUZZTIME ?= 10m

fuzz: ## FUZZTIME (10m) for each fuzz target of each package: hours in all
	@list=$$($(GO) test -list '^Fuzz' ./...) || { echo "$$list"; exit 1; }; \
	echo "$$list" | awk '/^Fuzz/ { name[n++] = $$1 } /^ok/ { for (i = 0; i < n; i++) print $$2, name[i]; n = 0 }' | \
	while read -r package target; do \
		echo "$$package $$target"; \
		$(GO) test "$$package" -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x || exit 1; \
	done

cross: ## build for amd64, arm64 and 32-bit ARM, into dist/
	GOOS=linux GOARCH=amd64 $(BUILD) -o dist/v720dvr-linux-amd64 ./cmd/v720dvr
	GOOS=linux GOARCH=arm64 $(BUILD) -o dist/v720dvr-linux-arm64 ./cmd/v720dvr
	GOOS=linux GOARCH=arm GOARM=7 $(BUILD) -o dist/v720dvr-linux-armv7 ./cmd/v720dvr

dist: ## binaries, Debian packages and the Home Assistant add-on, into dist/ (needs dpkg-deb)
	packaging/dist dist

bill: build ## the licences of what is in ./v720dvr, and its bill of materials (CycloneDX), into dist/
	mkdir -p dist
	$(GO) run ./packaging/notices ./v720dvr > dist/NOTICES.txt
	$(GO) run ./packaging/notices -bill -version "$(VERSION)" ./v720dvr > dist/v720dvr.cdx.json

test-dist: dist ## install, upgrade and remove the package on a Debian that is made for it (root, mmdebstrap, systemd-nspawn)
	$(GO) test ./packaging -run TestPackageOnDebian -count=1 -v -packages ../dist -timeout 15m

clean: ## take away what was built; recordings stay
	rm -rf v720dvr dist

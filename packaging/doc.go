// Package packaging makes what is given to people, and tests it. `make dist` calls the script dist, which calls deb;
// debian, docker and homeassistant are what goes into the packages, and notices gathers the licences. In Go there are
// tests only: docs/packages.md says what each of them shows.
package packaging

#!/usr/bin/env bash
# setup.sh preflight|installed|verdict|node|docs|jupyter|lab|chromium|prometheus|mlserver|peers ...: installs what is missing, and nothing twice.
# Everything stays inside the checkout, package managers' caches included. As root (a container, CI) Chromium and
# python3-venv come from the distribution's packages; anyone else is told the command.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# apt PACKAGE...: from the distribution, where that is Debian's or Ubuntu's and this is root.
apt() {
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# attempt COMMAND...: silent where it works; else its first error is left in $why, for a line that says what to do.
attempt() {
	local log status=0
	log=$(mktemp)
	"$@" >"$log" 2>&1 || status=$?
	why=$(grep -m1 -iE 'error|not found|failed|refused|unable|cannot' "$log" | cut -c1-200 || true)
	[ -n "$why" ] || why=$(tail -1 "$log")
	rm -f "$log"
	return "$status"
}

# fresh STAMP FILE...: true where STAMP holds the checksum of the files and of this checkout's path: Python's environments
# hold their own, so that in a copied checkout they are those of the first.
mark() { { pwd -P; cat "$@"; } | sha256sum; }
fresh() { [ -f "$1" ] && [ "$(cat "$1")" = "$(mark "${@:2}")" ]; }
stamp() { mark "${@:2}" >"$1"; }

# here ENVIRONMENT: true where its Python runs and is that of this folder, not of the one that it was copied from.
here() {
	local prefix
	prefix=$("$1/bin/python" -c 'import os, sys; print(os.path.realpath(sys.prefix))' 2>/dev/null) &&
		[ "$prefix" = "$(cd "$1" && pwd -P)" ] && head -1 "$1/bin/pip" 2>/dev/null | grep -qF "$(cd "$1" && pwd -P)/bin/"
}

node_there() {
	command -v node >/dev/null || fail "Node.js >= 20.19 is missing: install it from https://nodejs.org (see environment.md)"
	node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
		fail "Node.js >= 20.19 is needed, found $(node --version) (see environment.md)"
}

# install COMMAND...: npm's packages. Its own cache stands in the home directory: this one is in the checkout, unless
# npm_config_cache names one.
install() {
	attempt "$@" --ignore-scripts --no-audit --no-fund --loglevel=error --no-update-notifier \
		--cache "${npm_config_cache:-$PWD/.tools/npm-cache}" ||
		fail "npm packages do not install ($why): is the npm registry reachable? Then the same command again"
}

# What the verdict and its build need: a tenth of the bytes. The cache stays for the rest, should that be asked for.
setup_verdict() {
	node_there
	if ! fresh node_modules/.installed package-lock.json && ! fresh node_modules/.verdict package-lock.json; then
		say "npm packages for the verdict, from package-lock.json"
		install node scripts/verdict-packages.mjs
		stamp node_modules/.verdict package-lock.json
	fi
	node scripts/link-self.mjs
}

setup_node() {
	node_there
	if ! fresh node_modules/.installed package-lock.json; then
		say "npm packages, from package-lock.json"
		install npm ci
		rm -rf .tools/npm-cache
		stamp node_modules/.installed package-lock.json
	fi
	node scripts/link-self.mjs
}

# python_missing: why no environment of Python's can be made, with the next step; nothing where one can. In a tenth of a second.
python_missing() {
	if ! command -v python3 >/dev/null; then
		echo "python3 is missing: sudo apt-get install python3 python3-venv"
	elif ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))'; then
		echo "Python >= 3.9 is needed, found $(python3 -V 2>&1)"
	elif ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
		echo "python3-venv is missing: sudo apt-get install python3-venv"
	fi
}

# jupyter_missing: why the notebook will not run; nothing where Jupyter is there or can be installed.
jupyter_missing() {
	command -v jupyter-nbconvert >/dev/null || fresh .venv/.requirements.txt requirements.txt || [ "$(id -u)" = 0 ] ||
		python_missing
}

# chromium_there: true where one runs. Ubuntu's chromium-browser is a script that says to install the snap: it must run.
chromium_there() {
	local name
	for name in "${CHROMIUM:-chromium}" chromium chromium-browser google-chrome google-chrome-stable; do
		if command -v "$name" >/dev/null && "$name" --version >/dev/null 2>&1; then return; fi
	done
	return 1
}

# What will be absent is said at once, before any work.
setup_preflight() {
	local missing
	missing=$(jupyter_missing)
	[ -z "$missing" ] || say "no Jupyter, so no report, the verdict alone ($missing; then the same command again)"
	chromium_there || say "no Chromium, so no static figures; those of the report are interactive all the same"
}

# True, and silent, where the study needs nothing that is not there.
setup_installed() {
	fresh node_modules/.installed package-lock.json &&
		{ command -v jupyter-nbconvert >/dev/null || fresh .venv/.requirements.txt requirements.txt; }
}

# Jupyter for a report, or the reason why there is none once more, now that the verdict stands above it: exit code 3.
setup_report-or-say() {
	local missing
	missing=$(jupyter_missing)
	[ -z "$missing" ] || { say "no report: $missing; then make evaluate again"; exit 3; }
	setup_jupyter
}

# venv REQUIREMENTS: .venv inside the checkout, with the pinned packages.
venv() {
	fresh .venv/".$1" "$1" && return
	local missing
	missing=$(python_missing)
	[ -z "$missing" ] || apt python3 python3-venv || fail "no Jupyter: $missing"
	if ! here .venv; then
		say "a Python environment in .venv"
		# Made anew where it is a copy: its programs name the place that they were made in.
		attempt python3 -m venv --clear .venv || fail "python3 -m venv does not work ($why): sudo apt-get install python3-venv"
	fi
	say "Jupyter into .venv, from $1"
	attempt .venv/bin/python -m pip install --no-cache-dir --quiet --disable-pip-version-check --require-hashes -r "$1" ||
		fail "Jupyter does not install ($why): is the Python package index reachable? Then the same command again"
	stamp .venv/".$1" "$1"
}

setup_jupyter() {
	command -v jupyter-nbconvert >/dev/null || venv requirements.txt
}

setup_lab() {
	command -v jupyter-lab >/dev/null || venv requirements-lab.txt
}

setup_chromium() {
	chromium_there && return
	say "Chromium, from the distribution's packages"
	apt chromium || fail "Chromium draws static figures and is missing: sudo apt-get install chromium (or set CHROMIUM to its path)"
}

# Debian's Prometheus, unpacked inside the checkout: nothing is installed, and no service starts.
setup_prometheus() {
	command -v prometheus >/dev/null && return
	[ -x .tools/usr/bin/prometheus ] && return
	local work
	work=$(mktemp -d)
	mkdir -p "$work/lists/partial" "$work/archives/partial"
	local apt=(apt-get -qq -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work" -o APT::Sandbox::User=)
	say "Prometheus, from Debian's package, unpacked into .tools"
	if (cd "$work" && "${apt[@]}" update && "${apt[@]}" download prometheus && dpkg -x prometheus*.deb root) >/dev/null 2>&1; then
		mkdir -p .tools && cp -r "$work"/root/. .tools/
	else
		say "no Prometheus (Debian's package prometheus): the tests of what it scrapes are skipped"
	fi
	rm -rf "$work"
}

# TypeDoc with a TypeScript of its own: the newest that it takes is older than the one that builds.
setup_docs() {
	fresh .tools/docs/.installed scripts/docs/package-lock.json && return
	say "TypeDoc, into .tools/docs"
	mkdir -p .tools/docs && cp scripts/docs/package*.json .tools/docs/
	install npm ci --prefix .tools/docs
	stamp .tools/docs/.installed scripts/docs/package-lock.json
}

# MLServer in an environment of its own, for the tests that serve a pipeline.
setup_mlserver() {
	command -v mlserver >/dev/null && return
	fresh .tools/mlserver/.installed requirements-mlserver.txt && return
	say "MLServer, into .tools/mlserver"
	if python3 -m venv --clear .tools/mlserver >/dev/null 2>&1 &&
		.tools/mlserver/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
			-r requirements-mlserver.txt; then
		stamp .tools/mlserver/.installed requirements-mlserver.txt
	else
		say "no MLServer (pip install mlserver): the tests of a served pipeline are skipped"
		rm -rf .tools/mlserver
	fi
}

# CodeCarbon and Zeus in an environment of their own, for make peers alone.
setup_peers() {
	fresh .tools/peers/.installed requirements-peers.txt && return
	say "CodeCarbon and Zeus, into .tools/peers"
	if ! { python3 -m venv --clear .tools/peers >/dev/null 2>&1 &&
		.tools/peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
			-r requirements-peers.txt; }; then
		rm -rf .tools/peers
		fail "CodeCarbon and Zeus do not install (python3 -m venv; pip install -r requirements-peers.txt)"
	fi
	stamp .tools/peers/.installed requirements-peers.txt
}

for part in "$@"; do "setup_$part"; done

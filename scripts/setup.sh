#!/usr/bin/env bash
# setup.sh node|jupyter|lab|chromium|prometheus|mlserver|peers ...: installs what is missing, and nothing twice.
# Everything stays inside the checkout, but Chromium (and python3-venv), which come from the distribution's packages.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# as_root COMMAND...: with sudo where it asks no password; false where there is no way.
as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; elif sudo -n true 2>/dev/null; then sudo "$@"; else return 1; fi
}

# apt PACKAGE...: from the distribution, where that is Debian's or Ubuntu's and root is there.
apt() {
	command -v apt-get >/dev/null || return 1
	as_root apt-get update -qq &&
		as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
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

setup_node() {
	command -v node >/dev/null || fail "Node.js >= 20.19 is missing: install it from https://nodejs.org (see environment.md)"
	node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
		fail "Node.js >= 20.19 is needed, found $(node --version) (see environment.md)"
	if ! fresh node_modules/.installed package-lock.json; then
		say "npm packages, from package-lock.json"
		npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
		stamp node_modules/.installed package-lock.json
	fi
	npm run --silent prepare
}

# venv REQUIREMENTS: .venv inside the checkout, with the pinned packages.
venv() {
	fresh .venv/".$1" "$1" && return
	command -v python3 >/dev/null || apt python3 || fail "python3 is missing: install python3 and python3-venv"
	if ! here .venv; then
		say "a Python environment in .venv"
		# Made anew where it is a copy: its programs name the place that they were made in.
		python3 -m venv --clear .venv 2>/dev/null ||
			{ apt python3-venv && python3 -m venv --clear .venv; } ||
			fail "python3 -m venv does not work: install python3-venv"
	fi
	say "Jupyter into .venv, from $1"
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$1"
	stamp .venv/".$1" "$1"
}

setup_jupyter() {
	command -v jupyter-nbconvert >/dev/null || venv requirements.txt
}

setup_lab() {
	command -v jupyter-lab >/dev/null || venv requirements-lab.txt
}

setup_chromium() {
	local name
	for name in "${CHROMIUM:-chromium}" chromium chromium-browser google-chrome google-chrome-stable; do
		# Ubuntu's chromium-browser is a script that says to install the snap: it must run.
		if command -v "$name" >/dev/null && "$name" --version >/dev/null 2>&1; then return; fi
	done
	say "Chromium, from the distribution's packages"
	apt chromium || fail "Chromium draws the figures and is missing: install the package chromium (or set CHROMIUM to its path)"
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

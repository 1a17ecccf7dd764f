#!/usr/bin/env bash
# first-hour.sh [BRANCH-OR-COMMIT]: a newcomer's first hour, and docs/first-hour.md with its times and outputs. As root: makes a
# bare Debian 12 (debootstrap) with make, git and python3-venv, the Node.js of this machine, and a user without root; there it
# clones into a path with a space and an umlaut and does what README says. Each step is held to 10 minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "first-hour: debootstrap needs root" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "first-hour: sudo apt-get install debootstrap" >&2; exit 1; }
commit=$(git rev-parse "${1:-HEAD}")
place=${FIRST_HOUR_ROOT:-$(mktemp -d)}
root=$place/base
mounted=()
finish() {
	for ((i = ${#mounted[@]} - 1; i >= 0; i--)); do umount -l "${mounted[i]}"; done
	[ -n "${FIRST_HOUR_ROOT:-}" ] || rm -rf --one-file-system "$place"
}
trap finish EXIT
[ -x "$root/bin/bash" ] || debootstrap --variant=minbase --include=ca-certificates,make,python3-venv,git bookworm "$root" >/dev/null
# Node.js as its archive would bring it: the program and npm.
mkdir -p "$root/usr/local/lib/node_modules"
cp -f "$(readlink -f "$(command -v node)")" "$root/usr/local/bin/node"
cp -r "$(npm root -g)/npm" "$root/usr/local/lib/node_modules/"
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
# The registries as this machine reaches them.
cp -f /etc/resolv.conf /etc/hosts "$root/etc/"
for file in /etc/ssl/certs/ca-certificates.crt /etc/pip.conf /etc/npmrc; do [ ! -f "$file" ] || cp -f "$file" "$root$file"; done
chroot "$root" useradd --create-home --shell /bin/bash newcomer 2>/dev/null || true
rm -rf "$root/srv/source.git" "$root/home/newcomer/Über uns" "$root"/home/newcomer/.npm "$root"/home/newcomer/.cache
git clone --quiet --bare . "$root/srv/source.git" && git -C "$root/srv/source.git" branch -f first-hour "$commit"
chroot "$root" chown -R newcomer /srv/source.git
[ ! -f "$HOME/.npmrc" ] || install -m 644 "$HOME/.npmrc" "$root/home/newcomer/.npmrc"
mount -t proc proc "$root/proc" && mounted+=("$root/proc")
mount --bind /dev "$root/dev" && mounted+=("$root/dev")

page=docs/first-hour.md
work=$(mktemp)
failed=0
begun=$(date -u +%F)
load() { cut -d' ' -f1 /proc/loadavg; }
newcomer() {
	chroot --userspec=newcomer "$root" /usr/bin/env -i HOME=/home/newcomer USER=newcomer LANG=C.UTF-8 \
		PATH=/usr/local/bin:/usr/bin:/bin ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt} \
		timeout 600 bash -c 'cd "/home/newcomer/Über uns/Sustainable-IPA" 2>/dev/null || cd; '"$1"
}
# The bare Debian has no browser, so this machine's opens the newcomer's report, from its file as a double click does.
browser() {
	node --input-type=module - "file://$root/home/newcomer/%C3%9Cber%20uns/Sustainable-IPA/$1" <<-'END'
		const { launchBrowser } = await import(`${process.cwd()}/dist/jupyter/images.js`);
		const browser = await launchBrowser();
		const page = await browser.newPage();
		const faults = [];
		page.on("pageerror", (fault) => faults.push(fault.message));
		await page.goto(process.argv[2], { waitUntil: "load", timeout: 60_000 });
		if ((await page.locator(".js-plotly-plot").count()) > 0) await page.locator(".main-svg").first().waitFor();
		const [headings, figures] = [await page.locator("h1, h2").count(), await page.locator(".js-plotly-plot:has(.main-svg)").count()];
		console.log(`${await page.title()}: ${headings} headings, ${figures} figures drawn, ${faults.length} faults`, ...faults);
		await browser.close();
		process.exitCode = headings > 0 && faults.length === 0 ? 0 : 1;
	END
}
# step TITLE COMMAND [browser]: as the newcomer, in the checkout once there is one (or a page in this machine's browser);
# its time, exit code and last lines go into the page.
step() {
	local before after status=0 log seconds heavy=$(load)
	log=$(mktemp)
	before=$(date +%s.%N)
	"${3:-newcomer}" "$2" >"$log" 2>&1 </dev/null || status=$?
	after=$(date +%s.%N)
	seconds=$(awk "BEGIN { printf \"%.1f\", $after - $before }")
	[ "$status" = 0 ] || failed=1
	echo "first-hour: $1: $seconds s at load $heavy, exit code $status"
	{
		printf '## %s\n\n    %s\n\n%s s at load %s, exit code %s.\n\n```\n' "$1" "$2" "$seconds" "$heavy" "$status"
		tail -12 "$log" | cut -c1-160 | sed 's/\x1b\[[0-9;]*m//g; s/```/'"'''"'/g'
		printf '```\n\n'
	} >>"$work"
	rm -f "$log"
}
cli='npx sustainable-ipa'
step "Clone" 'mkdir -p "Über uns" && git clone --quiet --branch first-hour /srv/source.git "Über uns/Sustainable-IPA"'
step "A verdict, without Jupyter" 'make verdict'
step "The verdict and its report" 'make evaluate && ls -l reports/evaluate.html'
step "An own table, to a report" "cp data/template.csv my.csv && $cli evaluate my.csv --report my-report.html && ls -l my-report.html"
step "An own pipeline, to a choice" "$cli init pipeline && $cli optimize --profile my-pipeline.yaml"
step "An own trace" "$cli init trace && $cli adapt --trace my-trace.csv"
step "Anything, measured" "$cli measure -- sleep 2"
step "The report in a browser" "reports/evaluate.html" browser
step "The own report in a browser" "my-report.html" browser
step "What was written outside the checkout" 'find /home/newcomer -newer "/home/newcomer/Über uns/Sustainable-IPA/package.json" -not -path "*/Über uns/*" -type f | head -20; echo "(that is all)"'
{
	printf '# A first hour\n\nWritten by `make first-hour`, on %s, commit %s: a bare Debian %s without root, Node.js %s, make, git and\n' \
		"$begun" "${commit:0:12}" "$(cat "$root/etc/debian_version")" "$(node --version)"
	printf 'python3-venv, no Chromium; %s CPUs, the load of other work told at each step; the path has a space and an umlaut; caches empty.\n' "$(nproc)"
	printf 'A step with another exit code than 0 did not work, and stands here as it came out.\n\n'
	cat "$work"
} >"$page"
rm -f "$work"
echo "first-hour: $page"
exit "$failed"

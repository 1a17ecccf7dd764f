#!/usr/bin/env bash
# trovi.sh: the archive that Chameleon's Trovi takes (at most 500 MB), of the last commit, in reports/sustainable-ipa-trovi.tar.gz.
set -euo pipefail
cd "$(dirname "$0")/.."
most=$((500 * 1000 * 1000))
mkdir -p reports
file=reports/sustainable-ipa-trovi.tar.gz
git archive --format=tar.gz --prefix=sustainable-ipa/ -o "$file" HEAD
bytes=$(wc -c <"$file")
[ "$bytes" -le "$most" ] || { echo "trovi: $file has $bytes bytes, over Trovi's 500 MB" >&2; rm -f "$file"; exit 1; }
tar tzf "$file" | grep -qx sustainable-ipa/chameleon/bare-metal.ipynb || { echo "trovi: the notebook is not in it" >&2; exit 1; }
echo "trovi: $file, $((bytes / 1000000)) of 500 MB"

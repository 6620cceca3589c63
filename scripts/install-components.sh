#!/usr/bin/env bash
# What the long suites need beyond npm, from the packages of Debian: PostgreSQL with pgbench and pg_dump, a connection pooler, a browser,
# shells; and, from npm, the packages of the applications below examples/standalone, which are too large for the install of everybody.
# On another system it says what to install, and the suites that need it say so too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for app in examples/standalone/*/; do
  (cd "$app" && npm ci --ignore-scripts --no-audit --no-fund)
done

missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
command -v pgbench >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/pgbench' >/dev/null || missing+=(postgresql-contrib)
[[ -x /usr/sbin/pgbouncer || -x /usr/bin/pgbouncer ]] || missing+=(pgbouncer)
[[ -x /usr/bin/chromium ]] || missing+=(chromium)
command -v zsh >/dev/null || missing+=(zsh)
command -v fish >/dev/null || missing+=(fish)
((${#missing[@]} > 0)) || exit 0

if ! command -v apt-get >/dev/null || [[ $(id -u) != 0 ]]; then
  echo "Install these yourself (apt-get as root does it on Debian): ${missing[*]}"
  exit 1
fi
# The package would start a server of its own; the suites start theirs.
export DEBIAN_FRONTEND=noninteractive
mkdir -p /etc/postgresql-common
[[ -e /etc/postgresql-common/createcluster.conf ]] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}"

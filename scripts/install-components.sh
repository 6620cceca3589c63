#!/usr/bin/env bash
# What the long suites need beyond npm: from the packages of Debian PostgreSQL with pgbench and pg_dump, a connection pooler, a browser,
# shells and Python; from npm the packages of the applications below examples/standalone, which are too large for the install of everybody;
# from PyPI, under .cache/python, what scripts/python-requirements.txt names. On another system it says what to install, and the suites that
# need it say so too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
command -v pgbench >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/pgbench' >/dev/null || missing+=(postgresql-contrib)
[[ -x /usr/sbin/pgbouncer || -x /usr/bin/pgbouncer ]] || missing+=(pgbouncer)
[[ -x /usr/bin/chromium ]] || missing+=(chromium)
command -v zsh >/dev/null || missing+=(zsh)
command -v fish >/dev/null || missing+=(fish)
# schemathesis and what it stands on want 3.11 or newer; a Python without ensurepip cannot make an environment.
has_python() { python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
has_python || missing+=(python3-venv)

incomplete=0
if ((${#missing[@]} > 0)); then
  if command -v apt-get >/dev/null && [[ $(id -u) == 0 ]]; then
    # The package would start a server of its own; the suites start theirs.
    export DEBIAN_FRONTEND=noninteractive
    mkdir -p /etc/postgresql-common
    [[ -e /etc/postgresql-common/createcluster.conf ]] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}"
  else
    echo "Install these yourself (apt-get as root does it on Debian): ${missing[*]}"
    incomplete=1
  fi
fi

for app in examples/standalone/*; do
  cmp -s "$app/package-lock.json" "$app/node_modules/installed-lock.json" && continue
  if (cd "$app" && npm ci --ignore-scripts --no-audit --no-fund); then
    cp "$app/package-lock.json" "$app/node_modules/installed-lock.json"
  else
    echo "The packages of $app could not be installed: its suite is left out."
    incomplete=1
  fi
done

if ! has_python; then
  echo "Install Python 3.11 or newer with its module venv yourself. Found: $(python3 --version 2>/dev/null || echo none)."
  exit 1
fi
wanted=scripts/python-requirements.txt
if ! cmp -s "$wanted" .cache/python/installed.txt; then
  rm -rf .cache/python
  python3 -m venv .cache/python
  # Wheels only: nothing that is installed runs code for it. The list is whole, so nothing else comes along.
  .cache/python/bin/pip install --quiet --disable-pip-version-check --only-binary :all: --no-deps -r "$wanted"
  .cache/python/bin/pip check
  cp "$wanted" .cache/python/installed.txt
fi
exit "$incomplete"

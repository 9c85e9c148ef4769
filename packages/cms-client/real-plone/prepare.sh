#!/bin/sh
# Installs a real Plone from PyPI and makes the test sites in it. Usage: prepare.sh FOLDER
# FOLDER gets `env` (about 500 MB, kept) and `instance` (made anew). PYTHON names a CPython 3.10 to 3.13.
set -eu
folder=${1:?"name a folder for the Plone to be installed in"}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
env="$folder/env"
instance="$folder/instance"

mkdir -p "$folder"
if [ ! -x "$env/bin/runwsgi" ]; then
  "${PYTHON:-python3}" -m venv "$env"
  "$env/bin/pip" install --quiet --upgrade pip wheel 'setuptools<76'
  "$env/bin/pip" install --quiet 'Plone==6.2.*'
fi

rm -rf "$instance"
"$env/bin/mkwsgiinstance" -d "$instance" -u admin:admin
# Files need blobs, and the instance as it is made has none. The port is the test's to choose.
sed -i 's|^\( *\)path $INSTANCE/var/Data.fs|&\n\1blob-dir $INSTANCE/var/blobs|' "$instance/etc/zope.conf"
sed -i 's|^port = .*|port = %(http_port)s|' "$instance/etc/zope.ini"
for site in Plone Bare; do
  "$env/bin/zconsole" run "$instance/etc/zope.conf" "$here/make_site.py" "$site"
done

#!/bin/sh
# Installs crimeloc from this folder, without a network, into the folder "crimeloc-env".
set -eu
cd "$(dirname "$0")"
"${PYTHON:-python3}" -m venv crimeloc-env
crimeloc-env/bin/python -m pip install --no-index --find-links . --require-hashes -r requirements.txt
crimeloc-env/bin/python -m pip install --no-index --no-deps crimeloc-*.whl
echo "Installed. Try it:  crimeloc-env/bin/crimeloc demo"

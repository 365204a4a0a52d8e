@echo off
rem Installs crimeloc from this folder, without a network, into the folder "crimeloc-env".
setlocal
cd /d "%~dp0"
where py >nul 2>nul && (set "PY=py -3") || (set "PY=python")
%PY% -m venv crimeloc-env || goto failed
crimeloc-env\Scripts\python -m pip install --no-index --find-links . --require-hashes -r requirements.txt || goto failed
for %%w in (crimeloc-*.whl) do crimeloc-env\Scripts\python -m pip install --no-index --no-deps "%%w" || goto failed
echo Installed. Try it:  crimeloc-env\Scripts\crimeloc demo
exit /b 0
:failed
echo It did not work: this folder is for the Python named in its own name (py3.12 = Python 3.12).
exit /b 1

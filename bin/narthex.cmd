@echo off
echo narthex: a checkout needs Linux or macOS. On Windows use WSL, or the archive for Windows: docs/install.md 1>&2
exit /b 1

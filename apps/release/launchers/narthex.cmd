@echo off
rem Runs any role with the Node next to this file, at any path.
setlocal
set "home=%~dp0.."
set "v8="
@ROLES@
if not defined NARTHEX_REVISION set "NARTHEX_REVISION=@REVISION@"
if not defined NARTHEX_UI_DIR set "NARTHEX_UI_DIR=%home%\lib\narthex\ui"
if not defined NARTHEX_STARTER_CONFIG set "NARTHEX_STARTER_CONFIG=%home%\config"
if not defined NARTHEX_DASHBOARDS_DIR set "NARTHEX_DASHBOARDS_DIR=%home%\dashboards"
"%home%\lib\node.exe" --disable-warning=ExperimentalWarning %v8% "%home%\lib\narthex\main.js" %*
exit /b %errorlevel%

#!/usr/bin/env node
"use strict";
// Runs any command of Narthex with npm's Node. The syntax is also valid for an older Node, so that it can report what
// is missing.
const { spawn } = require("child_process");
const { readFileSync } = require("fs");
const path = require("path");

const home = path.join(__dirname, "..");
const LEAST_MAJOR = 24;

if (Number(process.versions.node.split(".")[0]) < LEAST_MAJOR) {
  process.stderr.write(
    "narthex: this is Node " +
      process.versions.node +
      "; install Node 24 or newer, or take the archive of Narthex that has it\n",
  );
  process.exitCode = 1;
} else {
  start();
}

function start() {
  const table = JSON.parse(readFileSync(path.join(home, "lib/narthex/role-settings.json"), "utf8"));
  const role = process.argv[2] || "";
  const settings = Object.prototype.hasOwnProperty.call(table, role) ? table[role].split(" ") : [];
  const flags = settings.filter((setting) => setting.startsWith("--"));
  const defaults = Object.fromEntries([
    ["MALLOC_ARENA_MAX", "2"],
    ["NARTHEX_REVISION", "@REVISION@"],
    ["NARTHEX_UI_DIR", path.join(home, "lib/narthex/ui")],
    ["NARTHEX_STARTER_CONFIG", path.join(home, "config")],
    ["NARTHEX_DASHBOARDS_DIR", path.join(home, "dashboards")],
    ...settings.filter((setting) => !setting.startsWith("--")).map((setting) => setting.split("=", 2)),
  ]);
  const env = Object.assign({}, defaults, process.env);
  const main = path.join(home, "lib/narthex/main.js");
  const args = ["--disable-warning=ExperimentalWarning", ...flags, main, ...process.argv.slice(2)];
  // Uses the same process if the system can replace a program: signals and limits then apply to the command itself.
  if (process.platform !== "win32" && typeof process.execve === "function") {
    process.execve(process.execPath, [process.execPath, ...args], env);
  }
  const child = spawn(process.execPath, args, { env, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write("narthex: " + process.execPath + " does not start: " + error.message + "\n");
    process.exitCode = 1;
  });
  child.on("exit", (code) => {
    process.exitCode = code === null ? 1 : code;
  });
}

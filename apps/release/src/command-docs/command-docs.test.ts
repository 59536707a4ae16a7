import { spawnSync } from "node:child_process";
import { flagKinds } from "@narthex/runtime";
import { type CommandTable, commandTables } from "narthex/command-tables";
import { expect, test } from "vitest";
import { bashCompletion } from "./bash-completion.ts";
import { fishCompletion } from "./fish-completion.ts";
import { manPage } from "./man-page.ts";
import { zshCompletion } from "./zsh-completion.ts";

const lacks = (program: string): boolean => spawnSync(program, ["--version"]).error !== undefined;

/** Returns the completions that bash offers for the last word of a command line. */
function offered(...words: readonly string[]): readonly string[] {
  const script = `compopt() { :; }
${bashCompletion(commandTables)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _narthex; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync("bash", ["--norc", "-euc", script, "bash", ...words], {
    encoding: "utf8",
  });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout.trimEnd().split("\n");
}

test("bash offers commands, their sub-commands, and the flags of the current command", () => {
  expect(offered("narthex", "")).toEqual(expect.arrayContaining(["up", "server", "amtool", "--help", "--version"]));
  expect(offered("narthex", "al")).toEqual(["alertmanager"]);
  expect(offered("narthex", "promtool", "che")).toEqual(["check"]);
  expect(offered("narthex", "promtool", "check", "co")).toEqual(["config"]);
  expect(offered("narthex", "server", "--config.f")).toEqual(["--config.file="]);
  expect(offered("narthex", "server", "--web.enable-li")).toEqual(["--web.enable-lifecycle"]);
  expect(offered("narthex", "amtool", "silence", "add", "--alertmanager.u")).toEqual(["--alertmanager.url="]);
});

test("bash offers flags after other flags and their values", () => {
  expect(offered("narthex", "server", "--log.level", "=", "info", "--config.f")).toEqual(["--config.file="]);
  expect(offered("narthex", "dashboards", "check", "--config.f")).not.toContain("--config.file=");
});

test("bash offers files as the value of a flag", () => {
  expect(offered("narthex", "server", "--config.file", "=", "/etc/pass")).toContain("/etc/passwd");
  expect(offered("narthex", "server", "--config.file", "=")).not.toEqual([""]);
});

const strange: CommandTable = {
  name: "odd",
  help: ".Looks 'like' a \\request: of \"roff\"",
  operands: '["<a-b>"...]',
  flags: {
    "a.b": flagKinds.text("it's", "'Quoted' and\nbroken \\n."),
    sure: flagKinds.flag(true, "Yes or no.", { short: "s" }),
  },
  commands: [],
};

test("zsh and fish get each command and flag with its help text, quoted", () => {
  const zsh = zshCompletion([strange]);
  expect(zsh).toContain(`'--a.b:'\\''Quoted'\\'' and broken \\n.'`);
  expect(zsh).toContain("'--no-sure:Yes or no.'");
  const fish = fishCompletion([strange]);
  expect(fish).toContain(`-l a.b -r -d '\\'Quoted\\' and broken \\\\n.'`);
  expect(fish).toContain("-s s -l sure -d 'Yes or no.'");
});

const options = { version: "1.2.3", epoch: 1_700_000_000 };

test("the man page contains every command and flag, and the release's date", () => {
  const page = manPage(commandTables, options);
  expect(page.split("\n")[0]).toBe('.TH NARTHEX 1 "2023-11-14" "narthex 1.2.3" "User Commands"');
  const said = page.replaceAll("\\-", "-");
  const missing = (table: CommandTable, before: string): string[] => [
    ...(said.includes(`.SS "narthex ${before}${table.name}`) ? [] : [`${before}${table.name}`]),
    ...Object.keys(table.flags).filter((name) => !said.includes(name)),
    ...table.commands.flatMap((child) => missing(child, `${before}${table.name} `)),
  ];
  expect(commandTables.flatMap((table) => missing(table, ""))).toEqual([]);
});

test("the man page shows text that looks like a roff request literally", () => {
  const lines = manPage([strange], options).split("\n");
  expect(lines).toContain("\\&.Looks 'like' a \\erequest: of \"roff\"");
  expect(lines).toContain('.SS "narthex odd [\\(dq<a\\-b>\\(dq...]"');
  expect(lines).toContain("\\&'Quoted' and");
});

test.skipIf(lacks("man"))("man reports no error in the page", () => {
  const { status, stdout, stderr } = spawnSync("man", ["--warnings", "--local-file", "-"], {
    input: manPage(commandTables, options),
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C.UTF-8", MANROFFSEQ: "", MANWIDTH: "100" },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("--storage.tsdb.path");
});

import { expect, test } from "vitest";
import { commands } from "../commands.ts";
import { type CommandTable, commandTables } from "./command-tables.ts";

const find = (...words: readonly string[]): CommandTable | undefined => {
  let found: CommandTable | undefined;
  let among = commandTables;
  for (const word of words) {
    found = among.find(({ name }) => name === word);
    among = found?.commands ?? [];
  }
  return found;
};

test("every command has a table", () => {
  expect(commandTables.map(({ name, help }) => ({ name, help }))).toEqual(
    commands.map(({ name, help }) => ({ name, help })),
  );
  for (const { name, flags, commands } of commandTables)
    expect([name, Object.keys(flags).length + commands.length > 0]).toEqual([name, true]);
});

test("a role has its own flags; a command of a tool also has the flags of the tool", () => {
  expect(Object.keys(find("server")!.flags)).toContain("config.file");
  expect(Object.keys(find("amtool", "silence", "add")!.flags)).toEqual(
    expect.arrayContaining(["alertmanager.url", "duration"]),
  );
  expect(find("promtool", "check", "config")!.operands).not.toBe("");
});

test("commands for dashboard files do not have the flags of the dashboards role", () => {
  expect(Object.keys(find("dashboards")!.flags)).toContain("web.listen-address");
  expect(Object.keys(find("dashboards", "check")!.flags)).not.toContain("web.listen-address");
});

test("no table contains a hidden flag", () => {
  const hidden = (table: CommandTable): boolean =>
    Object.values(table.flags).some((flag) => flag.hidden === true) || table.commands.some(hidden);
  expect(commandTables.filter(hidden)).toEqual([]);
});

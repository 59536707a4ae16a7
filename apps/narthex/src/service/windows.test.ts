import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";
import { taskCommand } from "./scheduled-task.ts";
import { FakeSystem } from "./testing/fake-system.ts";

const TASK = "C:\\ProgramData\\narthex\\tasks\\pushgateway.xml";

function windows(): FakeSystem {
  const machine = new FakeSystem();
  machine.platform = "win32";
  return machine;
}

const commandOf = (machine: FakeSystem): readonly string[] | undefined =>
  taskCommand(Buffer.from(machine.bytes(TASK)).toString("utf16le"));

test("install registers a task that runs as LocalService, lets it write to the role's folders, and starts it", async () => {
  using machine = windows();
  const { status, stderr, stdout } = await machine.service("install", "pushgateway", "--web.listen-address=:9092");
  expect([status, stderr]).toEqual([0, ""]);
  expect(machine.bytes(TASK).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xfe]));
  expect(commandOf(machine)?.slice(0, 2)).toEqual(["/opt/narthex/bin/narthex", "pushgateway"]);
  expect(commandOf(machine)).toContain("--web.listen-address=:9092");
  expect(machine.commands).toContain("schtasks.exe /create /tn \\Narthex\\pushgateway /xml " + TASK + " /f");
  expect(machine.commands).toContain(
    "icacls.exe C:\\ProgramData\\narthex\\logs\\pushgateway /grant *S-1-5-19:(OI)(CI)M /q",
  );
  expect(stdout).toContain("pushgateway runs, and starts with the host");
  await machine.service("install", "pushgateway");
  expect(commandOf(machine)).toContain("--web.listen-address=:9092");
});

test("install checks the folders of a path that is written with other slashes and letters", async () => {
  using machine = windows();
  const path = "c:/programdata/narthex/prometheus/data/tsdb";
  await machine.service("install", "server", `--storage.tsdb.path=${path}`);
  const script = machine.commands.find((command) => command.includes("exit 1"));
  for (const folder of [path, "c:/programdata/narthex/prometheus/data", "c:/programdata/narthex/prometheus"])
    expect(script).toContain(`'${folder}'`);
});

test("install refuses a user without administrator rights, an unsupported user for the role, and a quote in an argument", async () => {
  using machine = windows();
  expect((await machine.service("install", "--user=bob", "server")).stderr).toContain("tasks of bob need a password");
  expect((await machine.service("install", "pushgateway", '--web.telemetry-path=/a"b')).stderr).toContain(
    "cannot contain quotes",
  );
  machine.uid = undefined;
  expect((await machine.service("install", "server")).stderr).toContain("open a terminal as administrator; run:");
});

test("a task keeps the log of its previous start, and begins a new one", async () => {
  using machine = windows();
  await machine.service("install", "pushgateway");
  const log = "C:\\ProgramData\\narthex\\logs\\pushgateway\\pushgateway.log";
  const text = Buffer.from(machine.bytes(TASK)).toString("utf16le");
  expect(text).toContain(`"move /y "${log}" "${log}.old" &gt;nul 2&gt;&amp;1 &amp; "`);
});

test("a task of another program and its file are not changed", async () => {
  using machine = windows();
  machine.active.add("\\Narthex\\pushgateway");
  expect((await machine.service("install", "pushgateway")).stderr).toContain(
    "the task \\Narthex\\pushgateway was not created by Narthex and is not changed",
  );
  expect(machine.has(TASK)).toBe(false);
  machine.active.clear();
  machine.write(TASK, "\ufeff<Task/>");
  expect((await machine.service("install", "pushgateway")).stderr).toContain(
    "was not written by Narthex and is not changed",
  );
  expect(machine.commands.filter((command) => command.includes("/create"))).toEqual([]);
});

test("a folder or a task file of a user without administrator rights is refused before it is used", async () => {
  using machine = windows();
  await machine.service("install", "pushgateway");
  machine.foreign.push(TASK);
  machine.commands.length = 0;
  for (const words of [
    ["install", "pushgateway"],
    ["uninstall", "pushgateway"],
  ]) {
    const { status, stderr } = await machine.service(...words);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`${TASK} belongs to a user without administrator`)]);
  }
  expect(machine.commands.filter((command) => /schtasks|icacls/.test(command))).toEqual([]);
});

test("install gives the folder to the administrators, and removes the inherited right of users to create files", async () => {
  using machine = windows();
  await machine.service("install", "pushgateway");
  const changes = machine.commands.filter((command) => command.startsWith("icacls.exe C:\\ProgramData\\narthex /"));
  expect(changes).toEqual([
    "icacls.exe C:\\ProgramData\\narthex /setowner *S-1-5-32-544 /q",
    "icacls.exe C:\\ProgramData\\narthex /reset /q",
    "icacls.exe C:\\ProgramData\\narthex /inheritance:r /grant:r *S-1-5-32-544:(OI)(CI)F *S-1-5-18:(OI)(CI)F *S-1-5-19:(OI)(CI)RX *S-1-5-20:(OI)(CI)RX /q",
  ]);
});

test("install refuses links and other users' folders after it has closed the folder, and before it grants rights", async () => {
  using machine = windows();
  await machine.service("install", "pushgateway");
  const order = ["/inheritance:r", "exit 1", "/grant *", "/create"].map((word) =>
    machine.commands.findIndex((command) => command.includes(word)),
  );
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  const check = machine.commands[order[1]!];
  for (const path of ["pushgateway", "pushgateway\\data", "logs", "logs\\pushgateway"])
    expect(check).toContain(`'C:\\ProgramData\\narthex\\${path}'`);
});

test("the role's user does not become the owner of a folder outside the role's own folder", async () => {
  using machine = windows();
  const sibling = "C:\\ProgramData\\narthex\\prometheus\\data-old";
  mkdirSync(machine.path(sibling));
  expect((await machine.service("install", "server", `--storage.tsdb.path=${sibling}`)).status).toBe(0);
  expect(machine.commands.filter((command) => command.startsWith(`icacls.exe ${sibling}`))).toEqual([]);
});

test("status, logs and uninstall use the Task Scheduler", async () => {
  using machine = windows();
  await machine.service("install", "pushgateway");
  expect((await machine.service("status", "pushgateway")).stdout).toContain(
    "pushgateway: running since 2026; starts with the host\n",
  );
  await machine.service("logs", "pushgateway", "-f");
  expect(machine.commands.at(-1)).toContain(
    "Get-Content -LiteralPath 'C:\\ProgramData\\narthex\\logs\\pushgateway\\pushgateway.log' -Tail 100",
  );
  expect((await machine.service("logs", "all", "-f")).stderr).toContain("name one role");
  expect((await machine.service("uninstall", "pushgateway")).status).toBe(0);
  expect(machine.has(TASK)).toBe(false);
  expect((await machine.service("status", "pushgateway")).status).toBe(3);
});

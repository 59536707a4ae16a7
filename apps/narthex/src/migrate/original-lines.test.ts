import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FakeMachine } from "./testing/fake-machine.ts";

const UNIT = "/etc/systemd/system/prometheus.service";
const TEXT = "[Service]\nExecStart=/usr/bin/prometheus --config.file=/etc/prometheus.yml --storage.tsdb.path=/data\n";

/**
 * Returns a fake machine with a migration plan for its Prometheus. System commands are scripts that record their
 * arguments.
 */
async function plannedMachine(state: string): Promise<FakeMachine> {
  const machine = new FakeMachine();
  machine.write(UNIT, TEXT);
  machine.write("/etc/prometheus.yml", "scrape_configs: []\n");
  const commands = {
    "/bin/id": "echo 0",
    "/bin/systemctl": `case $1 in is-*) printf '${state}' ;; *) echo "$@" >>${machine.path("/calls")} ;; esac`,
    "/opt/narthex/bin/narthex": `[ $2 = install ] || exit 0; echo ours >${machine.path(UNIT)}; [ -e ${machine.path("/mended")} ]`,
  };
  for (const [path, text] of Object.entries(commands)) {
    machine.write(path, `#!/bin/sh\n${text}\n`);
    chmodSync(machine.path(path), 0o755);
  }
  expect((await machine.migrate(["--apply"])).status).toBe(0);
  return machine;
}

/** Runs a script of the migration plan. Paths in the script are replaced by paths in the fake machine's folders. */
function run(machine: FakeMachine, name: string): SpawnSyncReturns<string> {
  const text = machine.read(`/work/narthex-migrate/${name}`).replaceAll(/(^| )\/(?=etc|opt)/gm, `$1${machine.root}/`);
  const path = machine.path(`/work/narthex-migrate/moved-${name}`);
  writeFileSync(path, text);
  const env = { PATH: `${machine.path("/bin")}:${process.env["PATH"] ?? ""}` };
  return spawnSync("sh", [path], { encoding: "utf8", env });
}

test("a second switch-over after a failed one keeps the original's unit, and go-back.sh restores it", async () => {
  using machine = await plannedMachine("enabled\\n");
  expect(run(machine, "switch-over.sh").status).toBe(1);
  machine.write("/mended", "");
  expect(run(machine, "switch-over.sh")).toMatchObject({ status: 0, stderr: "" });
  expect(machine.read(`${UNIT}.before-narthex`)).toBe(TEXT);
  expect(machine.read("/work/narthex-migrate/originals/prometheus.service")).toBe(TEXT);
  expect(run(machine, "go-back.sh")).toMatchObject({ status: 0, stderr: "" });
  expect(machine.read(UNIT)).toBe(TEXT);
});

test.each([
  ["enabled\\nactive\\n", ["enable prometheus.service", "start prometheus.service"]],
  ["disabled\\nactive\\n", ["start prometheus.service"]],
  ["enabled\\ninactive\\n", ["enable prometheus.service"]],
])("go-back.sh restores the unit's state %j", async (state, calls) => {
  using machine = await plannedMachine(state);
  machine.write("/mended", "");
  run(machine, "switch-over.sh");
  machine.write("/calls", "");
  expect(run(machine, "go-back.sh")).toMatchObject({ status: 0, stderr: "" });
  const called = machine.read("/calls").split("\n");
  expect(called.filter((call) => call !== "" && call !== "daemon-reload")).toEqual(calls);
});

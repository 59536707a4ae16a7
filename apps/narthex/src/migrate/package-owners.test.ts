import { expect, test } from "vitest";
import { FakeMachine } from "./testing/fake-machine.ts";

/** Returns a fake machine on which Prometheus is installed as a package, with the usual paths. */
function packagedMachine(): FakeMachine {
  const machine = new FakeMachine();
  const words =
    "/usr/bin/prometheus --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/var/lib/prometheus/metrics2";
  machine.write("/usr/lib/systemd/system/prometheus.service", `[Service]\nUser=prometheus\nExecStart=${words}\n`);
  machine.write("/etc/prometheus/prometheus.yml", "scrape_configs: []\n");
  machine.write("/var/lib/prometheus/metrics2/wal/00000000", "");
  return machine;
}

const differences = async (machine: FakeMachine): Promise<readonly string[]> =>
  (await machine.plan()).roles[0]!.notes.filter(({ level }) => level === "differs").map(({ text }) => text);

/** Output of dpkg-query -S, whose list of files has /lib instead of /usr/lib. */
const DPKG = `diversion by dash from: /bin/sh
prometheus, other: /etc/prometheus/prometheus.yml
prometheus: /lib/systemd/system/prometheus.service
prometheus: /usr/bin/prometheus
`;

const ADVICE =
  /^do not remove or purge the package prometheus: its removal stops our service.*may delete \/etc\/prometheus\/prometheus.yml and \/var\/lib\/prometheus\/metrics2,.*keep it installed/;

test("the plan and the script say which package must stay, because its removal deletes the role's data", async () => {
  using machine = packagedMachine();
  machine.run = async (command) => ({ status: command === "dpkg-query" ? 1 : 0, stdout: DPKG, stderr: "" });
  expect(await differences(machine)).toEqual([
    expect.stringMatching(ADVICE),
    expect.stringMatching(/^do not remove or purge the package other: its removal may delete \/etc\/prometheus/),
  ]);
  await machine.migrate(["--apply"]);
  const last = machine.read("/work/narthex-migrate/switch-over.sh").trim().split("\n").at(-2)!;
  expect(last.replace(/^echo '/, "")).toMatch(ADVICE);
});

test("without dpkg, rpm is asked for each file", async () => {
  using machine = packagedMachine();
  machine.run = async (command, args) => {
    if (command !== "rpm") return { status: command === "dpkg-query" ? 127 : 0, stdout: "", stderr: "" };
    const isOwned = !args.at(-1)!.startsWith("/var/");
    return {
      status: isOwned ? 0 : 1,
      stdout: isOwned ? "prometheus\n" : "file is not owned by any package\n",
      stderr: "",
    };
  };
  expect(await differences(machine)).toEqual([expect.stringMatching(ADVICE)]);
});

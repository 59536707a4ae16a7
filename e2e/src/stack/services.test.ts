import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "../support/ports.ts";
import { lacks } from "../support/requirements.ts";
import { launcher, Running } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";

const NAMES = ["prometheus", "alertmanager", "pushgateway", "node_exporter", "narthex-dashboards", "cadvisor"];

/** Runs the command that installs services, with a folder in place of the root. */
const install = (workplace: Workplace, ...args: readonly string[]) =>
  spawnSync(launcher, ["service", "install", `--destdir=${workplace.folder}`, ...args], { encoding: "utf8" });

const unitPath = (workplace: Workplace, name: string): string => workplace.path(`etc/systemd/system/${name}.service`);

const analyze = (...args: readonly string[]) => spawnSync("systemd-analyze", args, { encoding: "utf8" });

/** Id of a user without files, for tests that run as root. */
const NOBODY = 65_534;

test.skipIf(lacks("systemd"))("systemd finds no fault in the units, and rates each at 2.0 or better", () => {
  using workplace = new Workplace();
  const laid = [install(workplace, "all"), install(workplace, "cadvisor", "-port=80")];
  for (const { status, stderr } of laid) expect(status, stderr).toBe(0);
  for (const name of NAMES) {
    const verdict = analyze("verify", unitPath(workplace, name));
    expect({ name, status: verdict.status, stderr: verdict.stderr }).toEqual({ name, status: 0, stderr: "" });
    const { status, stdout } = analyze(
      "security",
      "--offline=true",
      "--threshold=20",
      "--no-pager",
      unitPath(workplace, name),
    );
    expect({ name, status, table: status === 0 ? "" : stdout }).toEqual({ name, status: 0, table: "" });
  }
});

/** Returns the words of a setting in a systemd unit. Quoted words are not supported. */
const wordsOf = (unit: string, name: string): readonly string[] =>
  unit
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => line.startsWith(`${name}=`))
    .flatMap((line) => line.slice(name.length + 1).split(/ +/));

/** Starts the process that a systemd unit describes, with replaced folders and another listen address. */
function startUnit(workplace: Workplace, unit: string, address: string): Running {
  const moved = (text: string): string => text.replace(/(^|=)(\/(?:var|etc)\/)/, `$1${workplace.folder}$2`);
  const [program, ...args] = wordsOf(unit, "ExecStart");
  const words = args.filter((word) => !word.startsWith("--web.listen-address")).map(moved);
  for (const state of wordsOf(unit, "StateDirectory")) {
    mkdirSync(workplace.path("var/lib", state), { recursive: true });
    if (process.getuid!() === 0) chownSync(workplace.path("var/lib", state), NOBODY, NOBODY);
  }
  const variables = wordsOf(unit, "Environment").map((word) => word.split(/=(.*)/s, 2) as [string, string]);
  const moves = variables.map(([name, value]) => [name, moved(value)] as const);
  const env = { ...process.env, ...Object.fromEntries(moves) };
  const command = [program!, ...words, `--web.listen-address=${address}`];
  const asNobody = ["--reuid", String(NOBODY), "--regid", String(NOBODY), "--clear-groups", "--"];
  const mayTry = spawnSync("setpriv", [...asNobody, "test", "-x", program!, "-a", "-r", workplace.folder]).status === 0;
  return mayTry
    ? new Running("setpriv", [...asNobody, ...command], { cwd: "/", env })
    : new Running(program!, command.slice(1), { cwd: "/", env });
}

test.each([
  ["server", "prometheus", "/-/ready"],
  ["alertmanager", "alertmanager", "/-/ready"],
  ["pushgateway", "pushgateway", "/-/ready"],
  ["node-exporter", "node_exporter", "/metrics"],
  ["dashboards", "narthex-dashboards", "/api/health"],
])("%s gets ready as its unit starts it, without a right of its own", async (role, name, path) => {
  using workplace = new Workplace();
  chmodSync(workplace.folder, 0o755);
  const { status, stderr } = install(workplace, role);
  expect(status, stderr).toBe(0);
  const textfile = workplace.path("var/lib/node_exporter/textfile_collector/job.prom");
  if (role === "node-exporter") {
    mkdirSync(dirname(textfile), { recursive: true });
    writeFileSync(textfile, "job_done 1\n");
  }
  const address = `127.0.0.1:${await freePort()}`;
  await using running = startUnit(workplace, readFileSync(unitPath(workplace, name), "utf8"), address);
  await running.ready(`http://${address}${path}`);
  if (role === "node-exporter")
    expect(await (await fetch(`http://${address}/metrics`)).text()).toContain("\njob_done 1\n");
  expect(running.stderr).not.toMatch(/level=ERROR/);
});

test("--print shows a unit that starts this launcher with the role's flags, and changes nothing", () => {
  using workplace = new Workplace();
  const { status, stdout } = install(workplace, "--print", "server", "--web.page-title=50%");
  expect(status).toBe(0);
  expect(readdirSync(workplace.folder)).toEqual([]);
  expect(wordsOf(stdout, "ExecStart").slice(0, 2)).toEqual([realpathSync(launcher), "server"]);
  expect(wordsOf(stdout, "ExecStart")).toContain('"--web.page-title=50%%"');
});

test("an unknown flag of the role exits with 1 and the role's suggestion", () => {
  using workplace = new Workplace();
  const { status, stderr } = install(workplace, "--print", "server", "--storage.tsdb.pth=/x");
  expect([status, stderr]).toEqual([1, expect.stringContaining("did you mean '--storage.tsdb.path'?")]);
});

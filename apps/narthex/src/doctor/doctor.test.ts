import { writeFileSync } from "node:fs";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder, testHost } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { Check } from "./check.ts";
import { runDoctor } from "./doctor.ts";
import { error, type Finding, ok, warning } from "./finding.ts";
import { CHECKS } from "./registry.ts";
import { fakeMachine } from "./testing/fake-context.ts";

const folder = temporaryFolder();

const checkOf = (name: string, ...findings: readonly Finding[]): Check => ({
  name,
  about: `about ${name}`,
  run: () => Promise.resolve(findings),
});

async function doctor(args: readonly string[], checks?: readonly Check[]) {
  const host = testHost(args, { cwd: folder });
  const status = await runDoctor(host, { machine: fakeMachine(), isColored: false, ...(checks && { checks }) });
  return { status, ...host.output };
}

test("--version prints the version instead of the help", async () => {
  expect(await doctor(["--version"])).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^narthex, version \S+ \(node /),
    stderr: "",
  });
});

test("the report lists the worst findings first, with their hints", async () => {
  const checks = [checkOf("a", ok("fine"), error("broken", "mend it")), checkOf("long", warning("odd\nvery", "look"))];
  const { stdout } = await doctor([], checks);
  expect(stdout.split("\n").slice(2)).toEqual([
    "Errors",
    "  a     broken",
    "        to mend: mend it",
    "",
    "Warnings",
    "  long  odd",
    "        very",
    "        to mend: look",
    "",
    "Well",
    "  a     fine",
    "",
    "errors: 1, warnings: 1, well: 1",
    "",
  ]);
});

test.each([
  [[ok("x")], 0, "ok"],
  [[ok("x"), warning("x", "y")], 1, "warning"],
  [[warning("x", "y"), error("x", "y"), ok("x")], 2, "error"],
])("the exit status is that of the worst finding: %j", async (findings, status, level) => {
  const outcome = await doctor(["--json"], [checkOf("a", ...findings)]);
  expect(outcome.status).toBe(status);
  expect(JSON.parse(outcome.stdout)).toMatchObject({
    level,
    findings: findings.map((finding) => ({ check: "a", ...finding })),
  });
});

test.each([
  [["serve"], "the role serve does not exist"],
  [["--config.file=x"], "name the role first"],
  [["--check=none"], "the check none does not exist; choose one of a"],
  [["--config-dir=none"], "narthex init"],
  [["server", "--web.listen-address=9090"], "HOST:PORT"],
])("doctor %j is a mistake with a status of its own", async (args, reason) => {
  const { status, stdout, stderr } = await doctor(args, [checkOf("a")]);
  expect([status, stdout]).toEqual([3, ""]);
  expect(stderr).toContain(reason);
});

test("--check runs only the checks that it names", async () => {
  const { stdout } = await doctor(["--check=b", "--json"], [checkOf("a", error("x", "y")), checkOf("b", ok("z"))]);
  expect(JSON.parse(stdout)).toMatchObject({ level: "ok", findings: [{ check: "b" }] });
});

test("a check that never ends is stopped after a few timeouts, and the other checks are reported", async () => {
  const stuck: Check = { name: "stuck", about: "", run: () => new Promise(() => undefined) };
  const { status, stdout } = await doctor(["--timeout=1ms"], [checkOf("a", ok("fine")), stuck]);
  expect(status).toBe(1);
  expect(stdout).toContain("this check was stopped");
  expect(stdout).toContain("fine");
});

test("findings that a check reported before it timed out or failed are kept, and the other checks are reported", async () => {
  const dead = error("nobody answers", "start it");
  const stuck: Check = {
    name: "stuck",
    about: "",
    run: (_, early) => {
      early?.(dead);
      return new Promise(() => undefined);
    },
  };
  const broken: Check = {
    ...stuck,
    name: "broken",
    run: (_, early) => (early?.(dead), Promise.reject(new Error("odd"))),
  };
  const { status, stdout } = await doctor(["--timeout=1ms", "--json"], [stuck, broken, checkOf("a", ok("fine"))]);
  expect(status).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    findings: [
      { check: "stuck", ...dead },
      { check: "stuck", level: "warning", what: expect.stringContaining("this check was stopped") },
      { check: "broken", ...dead },
      { check: "broken", level: "error", what: "this check failed: odd" },
      { check: "a", level: "ok" },
    ],
  });
});

test.each([["host:99999"], ["host:abc"]])("a target at %s is reported, and the report continues", async (address) => {
  writeFileSync(
    join(folder, "odd.yml"),
    `scrape_configs: [{job_name: a, static_configs: [{targets: ['${address}']}]}]\n`,
  );
  const args = ["server", "--config.file=odd.yml", "--check=clock", "--check=targets", "--check=versions", "--json"];
  const { status, stdout } = await doctor(args);
  expect(status).toBe(2);
  const { findings } = JSON.parse(stdout) as { findings: readonly (Finding & { check: string })[] };
  expect(findings.filter(({ level }) => level === "error")).toMatchObject([
    { check: "targets", what: expect.stringContaining(address) },
  ]);
});

test("if there are many findings of a kind, only the first are listed, with the number of the others", async () => {
  const many = Array.from({ length: 50 }, (_, i) => error(`number ${i}`, "y"));
  const { stdout } = await doctor(["--json"], [checkOf("a", ok("fine"), ...many)]);
  const { findings, counts } = JSON.parse(stdout) as { findings: readonly Finding[]; counts: object };
  expect(counts).toEqual({ error: 50, warning: 0, ok: 1 });
  expect(findings).toHaveLength(22);
  expect(findings.at(-1)!.what).toBe("and 30 more of this kind");
});

test("doctor reads the flags of a role from its arguments, as a unit file has them", async () => {
  writeFileSync(join(folder, "p.yml"), "scrape_configs: [{job_name: a}]\n");
  const args = [
    "server",
    "--config.file=p.yml",
    "--web.listen-address=127.0.0.1:1",
    "--json",
    "--check=config",
    "--check=ports",
  ];
  const { stdout } = await doctor(args);
  expect(JSON.parse(stdout)).toMatchObject({
    subject: `narthex server: configuration in ${join(folder, "p.yml")}`,
    findings: [
      { check: "config", level: "ok", what: expect.stringContaining(join(folder, "p.yml")) },
      { check: "ports", level: "ok", what: "port 1 (server) is free" },
    ],
  });
});

test.each([
  [["alertmanager", "--store.url=postgres://me:pw-of-db@db/x"]],
  [["dashboards", "cfg:security.admin_password=pw-of-db"]],
])("no report repeats a secret of the command line: %j", async (args) => {
  for (const form of [[], ["--json"]]) {
    const { stdout } = await doctor([...args, ...form], [checkOf("a", ok("fine"))]);
    expect(stdout).toContain(`narthex ${args[0]}`);
    expect(stdout).not.toContain("pw-of-db");
  }
});

test("--port-offset also moves the ports of the starter configuration", async () => {
  const { stdout } = await doctor(["--port-offset=1000", "--json", "--check=ports", "--check=config"]);
  const { findings } = JSON.parse(stdout) as { findings: readonly (Finding & { check: string })[] };
  expect(findings.filter(({ check }) => check === "ports").map(({ what }) => what)).toEqual([
    "port 10100 (node-exporter) is free",
    "port 10091 (pushgateway) is free",
    "port 10093 (alertmanager) is free",
    "port 10090 (server) is free",
    "port 4000 (dashboards) is free",
  ]);
  expect(findings.filter(({ level }) => level !== "ok")).toEqual([]);
});

test("--help lists every check, and every check has a row in docs/doctor.md and a test", async () => {
  const { stdout } = await doctor(["--help"]);
  const page = readFileSync(new URL("../../../../docs/doctor.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `([a-z]+)` +\|/gm)].map((match) => match[1]);
  expect(rows).toEqual(CHECKS.map(({ name }) => name));
  for (const { name, about } of CHECKS) {
    expect(stdout).toContain(about);
    expect(readFileSync(new URL(`checks/${name}.test.ts`, import.meta.url), "utf8")).toContain(`${name}.run`);
  }
});

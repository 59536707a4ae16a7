import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { narthex, root } from "../support/running.ts";
import { freePort } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

const UNITS = ["prometheus", "alertmanager", "pushgateway", "node_exporter"];

/** Lays units out below a folder. */
const install = (stage: string, ...roles: readonly string[]) =>
  spawnSync(join(root, "deploy/systemd/install"), roles, {
    env: { ...process.env, DESTDIR: stage },
    encoding: "utf8",
  });

const unitPath = (stage: string, unit: string): string => join(stage, `etc/systemd/system/${unit}.service`);

const lacksSystemd = spawnSync("systemd-analyze", ["--version"]).status !== 0;

test("one command lays out units, links and starter configurations for all roles", () => {
  using place = new Workplace();
  const { status, stderr } = install(place.folder, "all");
  expect(stderr).toBe("");
  expect(status).toBe(0);
  for (const unit of UNITS) {
    expect(readFileSync(unitPath(place.folder, unit), "utf8")).toContain(`ExecStart=${root}bin/narthex `);
    const wanted = place.path("etc/systemd/system/multi-user.target.wants", `${unit}.service`);
    expect(execFileSync("readlink", [wanted], { encoding: "utf8" })).toBe(`/etc/systemd/system/${unit}.service\n`);
  }
  const check = spawnSync(
    join(root, "bin/narthex"),
    ["promtool", "check", "config", place.path("etc/prometheus/prometheus.yml")],
    { encoding: "utf8" },
  );
  expect(check.status, check.stderr).toBe(0);
});

test("a second run renews the units and keeps what somebody changed", () => {
  using place = new Workplace();
  install(place.folder, "all");
  const config = place.path("etc/prometheus/prometheus.yml");
  writeFileSync(config, "scrape_configs: []\n");
  writeFileSync(unitPath(place.folder, "pushgateway"), "[Service]\nExecStart=/old/bin/narthex pushgateway\n");
  const { status, stdout } = install(place.folder, "server", "pushgateway");
  expect(status).toBe(0);
  expect(stdout).toContain("prometheus.yml is kept");
  expect(readFileSync(config, "utf8")).toBe("scrape_configs: []\n");
  expect(readFileSync(unitPath(place.folder, "pushgateway"), "utf8")).toContain(root);
});

test("a unit of somebody else's is left alone, and so is everything else then", () => {
  using place = new Workplace();
  const theirs = "[Service]\nExecStart=/usr/bin/pushgateway\n";
  place.write("etc/systemd/system/pushgateway.service", theirs);
  const { status, stderr } = install(place.folder, "all");
  expect(status).toBe(1);
  expect(stderr).toContain("pushgateway.service is of somebody else; move it away");
  expect(readFileSync(unitPath(place.folder, "pushgateway"), "utf8")).toBe(theirs);
  expect(existsSync(unitPath(place.folder, "prometheus"))).toBe(false);
});

test("a role that does not exist is named, with those that do", () => {
  using place = new Workplace();
  expect(install(place.folder, "grafana").stderr).toBe(
    'install: no role is called "grafana"; choose among server, alertmanager, pushgateway, node-exporter and all\n',
  );
  expect(install(place.folder).stderr).toContain("name the roles");
});

test.skipIf(lacksSystemd)("systemd finds no fault in the units", () => {
  using place = new Workplace();
  install(place.folder, "all");
  for (const unit of UNITS) {
    const { status, stderr } = spawnSync("systemd-analyze", ["verify", unitPath(place.folder, unit)], {
      encoding: "utf8",
    });
    expect({ unit, status, stderr }).toEqual({ unit, status: 0, stderr: "" });
  }
});

/** The arguments behind `bin/narthex` in a unit. */
const argumentsOf = (unit: string): string[] =>
  /^ExecStart=\S+ (.*)$/m.exec(unit.replaceAll("\\\n", " "))![1]!.trim().split(/ +/);

test("the Pushgateway and the node exporter start with their units' flags", async () => {
  using place = new Workplace();
  install(place.folder, "pushgateway", "node-exporter");
  place.write("var/lib/node_exporter/textfile_collector/job.prom", "job_done 1\n");
  place.write("var/lib/pushgateway/.keep", "");
  for (const unit of ["pushgateway", "node_exporter"]) {
    const written = argumentsOf(readFileSync(unitPath(place.folder, unit), "utf8"));
    const args = written
      .filter((arg) => !arg.startsWith("--web.listen-address"))
      .map((arg) => arg.replace("=/var", `=${place.folder}/var`));
    // oxlint-disable-next-line no-await-in-loop -- one role after the other
    const address = `127.0.0.1:${await freePort()}`;
    await using role = narthex([...args, `--web.listen-address=${address}`]);
    // oxlint-disable-next-line no-await-in-loop
    await role.ready(`http://${address}/-/ready`);
    // oxlint-disable-next-line no-await-in-loop
    const metrics = await (await fetch(`http://${address}/metrics`)).text();
    if (unit === "node_exporter") expect(metrics).toContain("\njob_done 1\n");
    expect(role.stderr).not.toMatch(/level=(?:WARN|ERROR)/);
  }
  expect(existsSync(place.path("var/lib/pushgateway/groups.db"))).toBe(true);
});

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { fakeContext, roleNamed } from "../testing/fake-context.ts";
import { config } from "./config.ts";

const server = roleNamed("server", { prometheus: { file: "/c/prometheus.yml", features: [] } });
const alertmanager = roleNamed("alertmanager", { alertmanager: { file: "/c/alertmanager.yml", features: [] } });

const run = async (files: Readonly<Record<string, string>>) => {
  const roles = [server, alertmanager].filter(({ role }) =>
    Object.keys(files).some((path) => path.includes(role === "server" ? "prometheus" : role)),
  );
  return config.run(fakeContext({ roles, files }));
};

test("config: files that can be read are ok", async () => {
  const findings = await run({
    "/c/prometheus.yml":
      "rule_files: [rules/*.yml]\nscrape_configs: [{job_name: a, static_configs: [{targets: ['b:1']}]}]\n",
    "/c/rules/a.yml": "groups: [{name: a, rules: [{alert: A, expr: up == 0}]}]",
    "/c/alertmanager.yml": "route: {receiver: r}\nreceivers: [{name: r}]\n",
  });
  expect(findings.map(({ level }) => level)).toEqual(["ok", "ok"]);
});

test.each([
  [{ "/c/prometheus.yml": "scrape_configs: [{job_nam: a}]" }, "/c/prometheus.yml:1:", "promtool check config"],
  [
    {
      "/c/prometheus.yml": "rule_files: [rules/*.yml]",
      "/c/rules/a.yml": "groups: [{name: a, rules: [{alert: A, expr: 'up ='}]}]",
    },
    "/c/rules/a.yml:1:",
    "promtool check config",
  ],
  [{ "/c/alertmanager.yml": "route: {receiver: r}" }, "/c/alertmanager.yml:1:", "amtool check-config"],
])("config: a problem is reported with file, line and column: %j", async (files, what, hint) => {
  const findings = await run(files);
  expect(findings[0]).toMatchObject({
    level: "error",
    what: expect.stringContaining(what),
    hint: expect.stringContaining(hint),
  });
});

test("config: settings and provisioning files of the dashboards that have no effect are warnings", async () => {
  const provisioning = temporaryFolder();
  mkdirSync(join(provisioning, "alerting"));
  writeFileSync(join(provisioning, "alerting/rules.yml"), "groups: [{name: a}]\n");
  const dashboards = roleNamed("dashboards", { provisioning, settingsWarnings: ["GF_X has no effect in this build"] });
  const findings = await config.run(fakeContext({ roles: [dashboards], files: {} }));
  expect(findings).toMatchObject([
    { level: "warning", what: "dashboards: GF_X has no effect in this build" },
    { level: "warning", what: expect.stringContaining("alerting (rules.yml): files of this kind are not read") },
  ]);
});

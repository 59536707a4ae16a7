import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import {
  dashboardsFolder,
  homeDashboardIn,
  prepareConfig,
  shiftPorts,
  starterFolder,
  unmovedPorts,
} from "./starter-config.ts";

const folder = temporaryFolder();

test("shiftPorts() changes only the roles' ports on localhost", () => {
  expect(shiftPorts("a: localhost:9090, b: localhost:9093, c: other:9090, d: localhost:8080", 10)).toBe(
    "a: localhost:9100, b: localhost:9103, c: other:9090, d: localhost:8080",
  );
});

test("without an offset the starter configuration itself is used, so that edits take effect", () => {
  expect(prepareConfig(starterFolder({}), folder, 0)).toEqual({ folder: starterFolder({}), kept: [] });
});

test("with an offset a copy with other ports is made, including the rules", () => {
  const { folder: copy, copyOf } = prepareConfig(starterFolder({}), folder, 1000);
  expect(copyOf).toBe(starterFolder({}));
  expect(readFileSync(join(copy, "prometheus.yml"), "utf8")).toContain("localhost:10090");
  expect(readFileSync(join(copy, "rules/host.yml"), "utf8")).toContain("alert: TargetDown");
});

test("a file of the copy is written again unless the user has changed it", () => {
  const [starter, data] = [temporaryFolder(), temporaryFolder()];
  const write = (text: string): void => writeFileSync(join(starter, "prometheus.yml"), text);
  const start = () => prepareConfig(starter, data, 1000);
  write("a: localhost:9090");
  const copy = join(start().folder, "prometheus.yml");
  write("b: localhost:9090");
  expect([start().kept, readFileSync(copy, "utf8")]).toEqual([[], "b: localhost:10090"]);
  writeFileSync(copy, "mine");
  write("c: localhost:9090");
  for (let i = 0; i < 2; i++) expect([start().kept, readFileSync(copy, "utf8")]).toEqual([["prometheus.yml"], "mine"]);
  rmSync(copy);
  expect([start().kept, readFileSync(copy, "utf8")]).toEqual([[], "c: localhost:10090"]);
});

test("backups of files that a page has changed are not copied", () => {
  const [starter, data] = [temporaryFolder(), temporaryFolder()];
  for (const name of ["alertmanager.yml", "alertmanager.yml.before-change"])
    writeFileSync(join(starter, name), "a: b\n");
  const { folder: copy } = prepareConfig(starter, data, 1000);
  expect(readdirSync(copy).toSorted()).toEqual([".copied.json", "alertmanager.yml"]);
});

test("a copy of an earlier version, which has no digests, is written again", () => {
  const [starter, data] = [temporaryFolder(), temporaryFolder()];
  writeFileSync(join(starter, "prometheus.yml"), "a: localhost:9090");
  const { folder: copy } = prepareConfig(starter, data, 1000);
  rmSync(join(copy, ".copied.json"));
  writeFileSync(join(copy, "prometheus.yml"), "of an earlier version");
  expect(prepareConfig(starter, data, 1000).kept).toEqual([]);
  expect(readFileSync(join(copy, "prometheus.yml"), "utf8")).toBe("a: localhost:10090");
});

test("the start page shows the overview of the stack, unless a setting names another file or the folder contains no overview", () => {
  const shipped = dashboardsFolder({});
  expect(homeDashboardIn(shipped, {})).toBe(join(shipped, "overview.json"));
  expect(homeDashboardIn(shipped, { GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: "/mine.json" })).toBe("/mine.json");
  expect(homeDashboardIn(folder, {})).toBe("");
});

test("an old port in a configuration of the user is named, with the moved port", () => {
  const own = temporaryFolder();
  writeFileSync(join(own, "prometheus.yml"), "targets: [localhost:8080]\n");
  writeFileSync(join(own, "alertmanager.yml"), "url: http://localhost:9091/\n");
  expect(unmovedPorts(own, 0)).toBeUndefined();
  expect(unmovedPorts(own, 5)).toBe(
    `--port-offset=5 does not change the files of --config-dir: ${join(own, "alertmanager.yml")} names localhost:9091; if this is an address of this stack, write localhost:9096`,
  );
  writeFileSync(join(own, "alertmanager.yml"), "");
  expect(unmovedPorts(own, 5)).toBeUndefined();
});

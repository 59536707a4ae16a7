import { mkdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { settle, temporaryFolder } from "@narthex/runtime/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fileDiscoverer } from "./file.ts";
import { DiscovererRun } from "../../testing/discoverer-run.ts";

let folder = "";
const runs: DiscovererRun[] = [];
beforeEach(() => void (folder = temporaryFolder()));
afterEach(async () => {
  for (const run of runs.splice(0)) await run[Symbol.asyncDispose]();
});

function start(files: string, sibling?: DiscovererRun): DiscovererRun {
  const run = new DiscovererRun(fileDiscoverer, `{files: ['${folder}/${files}'], refresh_interval: 1m}`, sibling);
  runs.push(run);
  return run;
}

/** Writes a targets file with one target, and sets the file's modification time in seconds since 1970. */
async function put(name: string, target: string, seconds: number): Promise<void> {
  const path = join(folder, name);
  await writeFile(`${path}.tmp`, `- targets: ['${target}']\n`);
  await utimes(`${path}.tmp`, seconds, seconds);
  await rename(`${path}.tmp`, path);
}

/** Returns the values of prometheus_sd_file_mtime_seconds by file name. */
async function timesIn({ self }: DiscovererRun): Promise<Record<string, number>> {
  const family = (await self.families()).find(({ name }) => name === "prometheus_sd_file_mtime_seconds");
  const shown = family?.samples.map(({ labels, value }) => [labels[1]!.slice(folder.length + 1), value] as const) ?? [];
  return Object.fromEntries(shown);
}

test("the time of a file is shown as long as any job reads the file", async () => {
  await put("a.yml", "h:1", 1);
  await put("b.yml", "h:2", 2);
  const one = start("a.yml");
  const two = start("*.yml", one);
  await Promise.all([one.next(), two.next()]);
  expect(await timesIn(one)).toEqual({ "a.yml": 1, "b.yml": 2 });
  await one.clock.advance(60_000);
  await one.next();
  expect(await timesIn(one)).toEqual({ "a.yml": 1, "b.yml": 2 });
  await two[Symbol.asyncDispose]();
  expect(await timesIn(one)).toEqual({ "a.yml": 1 });
});

test("a file that cannot be read keeps its time, and a removed file has none", async () => {
  await put("a.yml", "h:1", 1);
  await put("b.yml", "h:2", 2);
  const run = start("*.yml");
  await run.next();
  await writeFile(join(folder, "a.yml"), "{");
  await rm(join(folder, "b.yml"));
  while (Object.keys(await timesIn(run)).length > 1) await run.next();
  expect(await timesIn(run)).toEqual({ "a.yml": 1 });
});

test("a folder that appears later, or replaces another one, is watched", async () => {
  const run = start("later/a.yml");
  expect(await run.next()).toEqual([]);
  expect(run.logger.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
  const target = (): string => [...run.groups.values()].flatMap(({ targets }) => targets).join();
  for (const name of ["one", "two"]) {
    await rm(join(folder, "later"), { recursive: true, force: true });
    await mkdir(join(folder, "later"));
    await put("later/a.yml", `before:${name}`, 1);
    while (target() !== `{__address__="before:${name}"}`) {
      await run.clock.advance(60_000);
      await settle();
    }
    // The clock does not advance, so the discoverer can only find the new file by watching the folder.
    await put("later/a.yml", `after:${name}`, 2);
    while (target() !== `{__address__="after:${name}"}`) await run.next();
  }
});

test("a missing folder counts as one failure to watch, and as one more if it is missing again later", async () => {
  const run = start("missing/a.yml");
  const failures = async (): Promise<unknown> => {
    const families = await run.self.families();
    return families.find(({ name }) => name === "prometheus_sd_file_watcher_errors_total")?.samples[0]?.value;
  };
  const scan = async (): Promise<void> => {
    await run.clock.advance(60_000);
    await run.next();
  };
  await run.next();
  for (let i = 0; i < 3; i++) await scan();
  expect(await failures()).toBe(1);
  await mkdir(join(folder, "missing"));
  await scan();
  await rm(join(folder, "missing"), { recursive: true });
  await scan();
  expect(await failures()).toBe(2);
});

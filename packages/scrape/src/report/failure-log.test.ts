import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { FailureLog } from "./failure-log.ts";
import { ScriptedScrape } from "../testing/scripted-target.ts";

test("failed scrapes are written to scrape_failure_log_file as JSON lines", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "failures.log");
  const scrape = new ScriptedScrape();
  await scrape.apply(
    `scrape_configs: [{job_name: a, scrape_interval: 10s, scrape_failure_log_file: ${path}, static_configs: [{targets: [h:1]}]}]`,
  );
  await scrape.clock.advance(10_000);
  await scrape.manager.stop();
  const line = JSON.parse((await readFile(path, "utf8")).split("\n")[0]!) as Record<string, string>;
  expect(line).toMatchObject({
    level: "ERROR",
    msg: 'Get "http://h:1/metrics": dial tcp 127.0.0.1:1: connect: connection refused',
    job_name: "a",
    target: "http://h:1/metrics",
  });
});

test("a failure log that cannot be written is reported once", async () => {
  const logger = memoryLogger();
  const log = new FailureLog("/nowhere/failures.log", new ManualClock(), logger);
  log.write("a", "job", "target");
  await log.flush();
  log.write("b", "job", "target");
  await log.flush();
  expect(logger.lines.map((line) => line.message)).toEqual([
    "Writing the scrape failure log /nowhere/failures.log failed",
  ]);
});

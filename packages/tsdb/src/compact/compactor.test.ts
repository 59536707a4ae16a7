import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { openBlock } from "../block/open-block.ts";
import { writeBlock } from "../block/write-block.ts";
import { diskFiles } from "../files.ts";
import { ListedSource } from "../testing/listed-series.ts";
import type { CompactionJob } from "./compaction-job.ts";
import { Compactor } from "./compactor.ts";
import { headDraft, newBlockName } from "./draft.ts";

const WORKER = new URL("./worker.ts", import.meta.url).href;
const SERIES = 2000;

/** Creates a compactor whose thread runs `program`, and jobs that rewrite a block of 2,000 series. */
function setUp(program: (folder: string) => string) {
  const dir = temporaryFolder();
  const series = Array.from({ length: SERIES }, (_, i) => ({
    labels: Labels.of({ __name__: "m", i: String(i) }),
    samples: [[5, i]] as const,
  }));
  const name = newBlockName(1);
  writeBlock(dir, headDraft(name, 0, 10), new ListedSource(series), diskFiles);
  const entry = join(dir, "entry.mjs");
  writeFileSync(entry, program(dir));
  const clock = new ManualClock();
  const logger = memoryLogger();
  const compactor = new Compactor({ files: diskFiles, clock, logger, program: pathToFileURL(entry) });
  onTestFinished(() => compactor.stop());
  const job = (): CompactionJob => ({
    kind: "blocks",
    dir,
    draft: headDraft(newBlockName(2), 0, 10),
    blocks: [join(dir, name)],
  });
  return { dir, clock, compactor, job, lines: logger.lines };
}

/** Returns the program of a thread that appends a line to a file when it starts, so that the test can count starts. */
const COUNTING = (dir: string): string => `
  import { appendFileSync } from "node:fs";
  appendFileSync(${JSON.stringify(join(dir, "starts"))}, "x");
  await import(${JSON.stringify(WORKER)});`;

const startsIn = (dir: string): number => readFileSync(join(dir, "starts"), "utf8").length;

test("one thread writes several blocks, and is ended after a minute without work", async () => {
  const { dir, clock, compactor, job } = setUp(COUNTING);
  expect((await compactor.run(job()))?.stats?.numSeries).toBe(SERIES);
  await clock.advance(59_000);
  await compactor.run(job());
  await clock.advance(59_000);
  expect(startsIn(dir)).toBe(1);
  await clock.advance(1000);
  await compactor.run(job());
  expect(startsIn(dir)).toBe(2);
  expect(compactor.sizes.samples.sum).toBe(3 * SERIES);
});

test("if a thread dies, another thread writes the block, and the death is logged", async () => {
  const { dir, compactor, job, lines } = setUp(
    (folder) => `
      import { appendFileSync, readFileSync } from "node:fs";
      import { parentPort } from "node:worker_threads";
      const starts = ${JSON.stringify(join(folder, "starts"))};
      appendFileSync(starts, "x");
      if (readFileSync(starts, "utf8").length > 1) await import(${JSON.stringify(WORKER)});
      else {
        parentPort.once("message", () => { throw new Error("out of luck"); });
        parentPort.postMessage("ready");
      }`,
  );
  const meta = await compactor.run(job());
  expect(startsIn(dir)).toBe(2);
  expect(lines.map(({ message, fields }) => [message, fields["err"]])).toEqual([
    ["the compaction thread died", "out of luck"],
  ]);
  const block = openBlock(join(dir, meta!.ulid), { files: diskFiles });
  expect(block.allPostings().length).toBe(SERIES);
  block.close();
});

test("if each thread dies, the job fails and leaves no files", async () => {
  const { dir, compactor, job } = setUp(
    () => `
      import { mkdirSync } from "node:fs";
      import { parentPort } from "node:worker_threads";
      parentPort.on("message", ({ dir, draft }) => {
        mkdirSync(dir + "/" + draft.ulid + ".tmp-for-creation");
        throw new Error("out of luck");
      });
      parentPort.postMessage("ready");`,
  );
  await expect(compactor.run(job())).rejects.toThrow("out of luck");
  expect(readdirSync(dir).filter((name) => name.includes("tmp"))).toEqual([]);
});

test("if no thread can be started, the main thread writes the block and yields to other work", async () => {
  const { compactor, job, lines } = setUp(() => "this is no program");
  let turns = 0;
  let done = false;
  const count = (): void => {
    turns++;
    if (!done) setImmediate(count);
  };
  count();
  const meta = await compactor.run(job());
  await compactor.run(job());
  done = true;
  expect(meta?.stats?.numSamples).toBe(SERIES);
  expect(turns).toBeGreaterThan(10);
  expect(lines.map(({ message }) => message)).toEqual([
    "starting the compaction thread (the main thread writes blocks) failed",
  ]);
});

test("a running job rejects and leaves no files when the database is closed", async () => {
  for (const program of [COUNTING, () => "this is no program"]) {
    const { dir, compactor, job } = setUp(program);
    const before = readdirSync(dir).length;
    const running = compactor.run(job());
    await Promise.all([expect(running).rejects.toThrow("the database is being closed"), compactor.stop()]);
    expect(readdirSync(dir).filter((name) => name !== "starts").length).toBe(before);
  }
});

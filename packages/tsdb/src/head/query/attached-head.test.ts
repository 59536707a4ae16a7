import { Worker } from "node:worker_threads";
import { Labels, Matcher } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import { expect, test } from "vitest";
import { attachHead, shareHead } from "./attached-head.ts";
import { SnapshotLost } from "../concurrency/undo-log.ts";
import { Head } from "../head.ts";
import { defragmentOpenChunks } from "../memory/defragment.ts";
import { truncateHead } from "../truncate.ts";
import { appendRows } from "../../testing/sample-rows.ts";

const SERIES = 40;
const COMMITS = 1500;

/**
 * Makes commit number n: appends the value n at time n × 1,000 to each series. A missing commit is therefore visible as
 * a gap.
 */
const append = (head: Head, commit: number, names: readonly Labels[]): Promise<void> =>
  appendRows(
    head,
    names.map((labels) => [labels, commit * 1000, commit]),
  );

const steady = Array.from({ length: SERIES }, (_, i) => Labels.of({ __name__: "steady", i: `${i}` }));

interface Verdict {
  readonly reads: number;
  readonly samples: number;
  readonly problems: readonly string[];
}

function reading(handles: unknown): { worker: Worker; verdict: Promise<Verdict>; ready: Promise<void> } {
  const worker = new Worker(new URL("./testing-reader.ts", import.meta.url), { workerData: handles });
  const messages = new Promise<Verdict>((resolve, reject) => {
    worker.on("message", (message: Verdict | "ready") => {
      if (message !== "ready") resolve(message);
    });
    worker.on("error", reject);
  });
  return { worker, verdict: messages, ready: new Promise((resolve) => worker.once("message", () => resolve())) };
}

test("during appends, truncations, moves and deletions, reading threads see whole commits without gaps", async () => {
  const head = new Head(0);
  const shares = Array.from({ length: 2 }, () => shareHead(head));
  await append(head, 1, steady);
  const readers = shares.map(({ handles }) => reading(handles));
  await Promise.all(readers.map(({ ready }) => ready));
  for (let commit = 2; commit <= COMMITS; commit++) {
    const churn = Array.from({ length: 20 }, (_, i) =>
      Labels.of({ __name__: "churn", generation: `${Math.floor(commit / 50)}`, i: `${i}` }),
    );
    // oxlint-disable-next-line no-await-in-loop -- the test needs one commit after the other
    await append(head, commit, [...steady, ...churn]);
    // oxlint-disable-next-line no-await-in-loop
    if (commit % 70 === 0) await defragmentOpenChunks(head.memory);
    // oxlint-disable-next-line no-await-in-loop
    if (commit % 100 === 0) await truncateHead(head, (commit - 300) * 1000);
    if (commit % 150 === 0) head.tombstones.add(commit % SERIES || 1, { minTime: 0, maxTime: (commit - 500) * 1000 });
    // oxlint-disable-next-line no-await-in-loop
    if (commit % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  for (const { worker } of readers) worker.postMessage("stop");
  const verdicts = await Promise.all(readers.map(({ verdict }) => verdict));
  await Promise.all(readers.map(({ worker }) => worker.terminate()));
  for (const share of shares) share.release();
  for (const { reads, samples, problems } of verdicts) {
    expect(problems).toEqual([]);
    expect(reads).toBeGreaterThan(10);
    expect(samples).toBeGreaterThan(1000);
  }
});

test("an attached querier gives the same results as the head itself, even for later growth and after release()", async () => {
  const head = new Head(0);
  const share = shareHead(head);
  const attached = attachHead(share.handles);
  for (let commit = 1; commit <= 5; commit++) {
    // oxlint-disable-next-line no-await-in-loop
    await append(
      head,
      commit,
      Array.from({ length: 3000 }, (_, i) => Labels.of({ __name__: "m", [`l${i % 70}`]: `${i}` })),
    );
  }
  const matchers = [new Matcher("=", "__name__", "m"), new Matcher("=~", "l7", ".+")];
  const [own, theirs] = [head.querier(0, 9000), attached.querier(0, 9000)];
  const hints = { start: 0, end: 9000 };
  const [expected, found] = [await own.select(matchers, hints), await theirs.select(matchers, hints)];
  expect(found.labels.map(String)).toEqual(expected.labels.map(String));
  expect(await theirs.labelNames([])).toEqual(await own.labelNames([]));
  expect(await theirs.labelValues("l7", [])).toEqual(await own.labelValues("l7", []));
  const into = new SampleColumns();
  found.read(0, 0, 9000, into);
  expect([...into.timestamps.subarray(0, into.count)]).toEqual([1000, 2000, 3000, 4000, 5000]);
  theirs.close();
  own.close();
  share.release();
});

test("after two lost snapshots a query fails, and an aborted query takes no second snapshot", async () => {
  const shared = shareHead(new Head(0));
  const reader = attachHead(shared.handles);
  let snapshots = 0;
  const lose = (): never => {
    snapshots++;
    throw new SnapshotLost();
  };
  await expect(reader.withSnapshot(lose)).rejects.toThrow(SnapshotLost);
  expect(snapshots).toBe(2);
  await expect(reader.withSnapshot(lose, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
  expect(snapshots).toBe(3);
  shared.release();
});

import { expect, test } from "vitest";
import type { CommitLog } from "./commit-log.ts";
import { UnloggedSeries } from "./unlogged-series.ts";

/** Creates a log that accepts `room` writes, and the series to log. Each write succeeds completely or not at all. */
function rig(room = Infinity) {
  const pieces: (readonly number[])[] = [];
  const logged: number[] = [];
  const disk = { room };
  const log = {
    atOnce: (write: () => void) => write(),
    series: (_: unknown, rows: readonly number[]) => {
      if (disk.room-- <= 0) throw new Error("no space left on device");
      pieces.push(rows);
    },
    flush: () => {},
  } as unknown as CommitLog;
  const ref = new Uint32Array(10_000).fill(1);
  const table = { at: { ref }, writeLabels: () => {} };
  const state: { log: CommitLog | undefined } = { log };
  const unlogged = new UnloggedSeries(
    table,
    () => state.log,
    (rows) => void logged.push(...rows),
  );
  return { unlogged, pieces, logged, disk, ref, state, log };
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

test("series are logged once, in their order, when a piece is full or a commit logs the rest", () => {
  const { unlogged, pieces, logged } = rig();
  for (const row of range(1, 1026)) unlogged.add(row);
  expect(pieces).toEqual([range(1, 1025)]);
  unlogged.log();
  unlogged.log();
  expect(pieces).toEqual([range(1, 1025), [1025]]);
  expect(logged).toEqual(range(1, 1026));
});

test("on a full disk the remaining series wait, and are logged when there is room", () => {
  const { unlogged, pieces, logged, disk } = rig(0);
  for (const row of range(1, 3001)) unlogged.add(row);
  expect(pieces).toEqual([]);
  disk.room = 1;
  expect(() => unlogged.log()).toThrow("no space left");
  expect(logged).toEqual(range(1, 1025));
  unlogged.tryLog();
  expect(logged).toEqual(range(1, 1025));
  disk.room = Infinity;
  unlogged.log();
  expect(logged).toEqual(range(1, 3001));
});

test("removed series are not logged, and all series wait while there is no log", () => {
  const { unlogged, logged, ref, state, log } = rig();
  state.log = undefined;
  for (const row of [1, 2, 3]) unlogged.add(row);
  unlogged.log();
  ref[2] = 0;
  state.log = log;
  unlogged.log();
  expect(logged).toEqual([1, 3]);
});

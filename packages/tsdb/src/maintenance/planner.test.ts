import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { BlockMeta } from "../block/meta.ts";
import { blockRanges } from "../compact/plan.ts";
import { type FolderState, type JobKind, nextJob } from "./planner.ts";

const HOUR = 3_600_000;
const ranges = blockRanges(2 * HOUR, 54 * HOUR);
const options = { ranges, mergeOverlapping: true };

let made = 0;
const blockOf = (minTime: number, maxTime: number, more: Partial<BlockMeta> = {}, hint?: string) => ({
  meta: {
    ulid: String(made++).padStart(26, "0"),
    version: 1,
    minTime,
    maxTime,
    stats: { numSeries: 100 },
    compaction: { level: 1, sources: [], ...(hint === undefined ? {} : { hints: [hint] }) },
    ...more,
  } as unknown as BlockMeta,
});
type Planned = ReturnType<typeof blockOf>;

const block = fc
  .record({
    at: fc.nat(40),
    hint: fc.option(fc.constantFrom("from-out-of-order", "from-stale-series", "from-selected-series"), {
      nil: undefined,
    }),
    numTombstones: fc.constantFrom(0, 1, 90),
  })
  .map(({ at, hint, numTombstones }) =>
    blockOf(at * 2 * HOUR, (at + 1) * 2 * HOUR, { stats: { numSeries: 100, numTombstones } }, hint),
  );
const state = fc.record({
  headMinTime: fc.nat(100 * HOUR),
  mustCut: fc.boolean(),
  outOfOrderDue: fc.boolean(),
  cutTo: fc.option(fc.nat(100 * HOUR), { nil: -Infinity }),
  failedJobs: fc.constant<ReadonlySet<JobKind>>(new Set()),
  blocks: fc.array(block, { maxLength: 30 }),
  waiting: fc.array(fc.nat(29)),
  failing: fc.array(fc.nat(29)),
});

const stateOf = ({ waiting, failing, ...rest }: typeof state extends fc.Arbitrary<infer T> ? T : never) => ({
  ...rest,
  mergeable: rest.blocks.filter((_, i) => !waiting.includes(i)),
  aged: [],
  failedBlocks: new Set(rest.blocks.filter((_, i) => failing.includes(i)).map(({ meta }) => meta.ulid)),
});

test("a full head is cut first, at the end of an aligned range, followed by out-of-order samples, the log and blocks", () => {
  fc.assert(
    fc.property(state, (drawn) => {
      const folder: FolderState<Planned> = stateOf(drawn);
      const job = nextJob(folder, options);
      if (folder.mustCut) {
        expect(job).toMatchObject({ kind: "cut", minTime: folder.headMinTime });
        if (job?.kind !== "cut") return;
        expect(job.maxTime % ranges[0]!).toBe(0);
        expect(job.maxTime - folder.headMinTime).toBeGreaterThan(0);
        expect(job.maxTime - folder.headMinTime).toBeLessThanOrEqual(ranges[0]!);
      } else if (folder.outOfOrderDue) expect(job).toEqual({ kind: "out-of-order" });
      else if (folder.cutTo !== -Infinity) expect(job).toEqual({ kind: "truncate", minTime: folder.cutTo });
      else expect(job?.kind ?? "merge").toBe("merge");
    }),
  );
});

test("blocks are merged if they are mergeable, have not failed, have the same part of the series, and end before the head", () => {
  fc.assert(
    fc.property(state, (drawn) => {
      const folder: FolderState<Planned> = stateOf({
        ...drawn,
        mustCut: false,
        outOfOrderDue: false,
        cutTo: -Infinity,
      });
      const job = nextJob(folder, options);
      if (job?.kind !== "merge") return;
      const whole = folder.blocks.filter(({ meta }) => meta.compaction.hints === undefined);
      const end = Math.max(-Infinity, ...whole.map(({ meta }) => meta.maxTime));
      const parts = job.blocks.map(({ meta }) =>
        (meta.compaction.hints ?? []).filter((it) => it !== "from-out-of-order"),
      );
      expect(new Set(parts.map(String)).size).toBe(1);
      for (const one of job.blocks) {
        expect(folder.mergeable).toContain(one);
        expect(folder.failedBlocks.has(one.meta.ulid)).toBe(false);
        if (one.meta.compaction.hints?.includes("from-out-of-order") === true) {
          expect(one.meta.maxTime).toBeLessThanOrEqual(end);
        }
      }
    }),
  );
});

test("old blocks are moved to the cold tier if nothing is left to cut or merge, unless an earlier move failed", () => {
  const [old, failed] = [blockOf(0, 2 * HOUR), blockOf(2 * HOUR, 4 * HOUR)];
  const blocks = [old, failed, blockOf(40 * HOUR, 42 * HOUR)];
  const folder = {
    headMinTime: 42 * HOUR,
    mustCut: false,
    outOfOrderDue: false,
    cutTo: -Infinity,
    failedJobs: new Set<JobKind>(),
    blocks,
    mergeable: [],
    aged: [failed, old],
    failedBlocks: new Set([failed.meta.ulid]),
  };
  expect(nextJob(folder, options)).toEqual({ kind: "cold", block: old });
  expect(nextJob({ ...folder, aged: [failed] }, options)).toBeUndefined();
  const full = [6, 8, 10, 12].map((hour) => blockOf(hour * HOUR, (hour + 2) * HOUR));
  expect(nextJob({ ...folder, mergeable: full }, options)?.kind).toBe("merge");
  expect(nextJob({ ...folder, mustCut: true }, options)?.kind).toBe("cut");
});

test("a failed job does not block jobs of other kinds, but nothing is merged while the head is full", () => {
  const full = [6, 8, 10, 12].map((hour) => blockOf(hour * HOUR, (hour + 2) * HOUR));
  const folder = {
    headMinTime: 14 * HOUR,
    mustCut: true,
    outOfOrderDue: true,
    cutTo: 14 * HOUR,
    blocks: full,
    mergeable: [] as Planned[],
    aged: [],
    failedBlocks: new Set<string>(),
  };
  const kinds = (state: Partial<FolderState<Planned>>): (JobKind | undefined)[] => {
    const failedJobs = new Set<JobKind>();
    const found: (JobKind | undefined)[] = [];
    for (;;) {
      const job = nextJob({ ...folder, ...state, failedJobs }, options);
      found.push(job?.kind);
      if (job === undefined) return found;
      failedJobs.add(job.kind);
    }
  };
  expect(kinds({})).toEqual(["cut", "out-of-order", "truncate", undefined]);
  expect(kinds({ mustCut: false, mergeable: full })).toEqual(["out-of-order", "truncate", "merge", undefined]);
});

test("planning and running one job after the other ends with nothing left to do", () => {
  fc.assert(
    fc.property(state, fc.nat(20), (drawn, full) => {
      let folder: FolderState<Planned> = stateOf(drawn);
      let cuts = full;
      for (let jobs = 0; ; jobs++) {
        const job = nextJob({ ...folder, mustCut: cuts > 0 }, options);
        if (job === undefined) break;
        expect(jobs).toBeLessThan(100);
        if (job.kind === "cut") {
          cuts--;
          folder = { ...folder, cutTo: job.maxTime, headMinTime: job.maxTime };
        } else if (job.kind === "out-of-order") folder = { ...folder, outOfOrderDue: false };
        else if (job.kind === "truncate") folder = { ...folder, cutTo: -Infinity };
        else if (job.kind === "merge") folder = merged(folder, job.blocks);
      }
      expect(folder.cutTo).toBe(-Infinity);
    }),
  );
});

function merged(folder: FolderState<Planned>, sources: readonly Planned[]): FolderState<Planned> {
  const times = sources.map(({ meta }) => meta);
  const [minTime, maxTime] = [Math.min(...times.map((m) => m.minTime)), Math.max(...times.map((m) => m.maxTime))];
  const hints = [...new Set(times.flatMap((meta) => meta.compaction.hints ?? []))];
  const whole = times.some((meta) => meta.compaction.hints === undefined);
  const made = blockOf(minTime, maxTime, {}, whole ? undefined : hints[0]);
  const rest = (list: readonly Planned[]) => [...list.filter((one) => !sources.includes(one)), made];
  return { ...folder, blocks: rest(folder.blocks), mergeable: rest(folder.mergeable) };
}

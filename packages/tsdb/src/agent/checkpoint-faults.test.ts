import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { createSampleBatch, OUTCOME_OK } from "@narthex/storage";
import { expect, test } from "vitest";
import type { Files } from "../files.ts";
import { SimulatedDisk } from "../testing/simulated-disk.ts";
import { systemError } from "../testing/system-error.ts";
import { listCheckpoints, listSegments } from "../wal/segment.ts";
import type { AgentStorage } from "./agent-storage.ts";
import { openAgent } from "./open-agent.ts";

const T0 = 1_700_000_000_000;
const DIR = "/agent";
const WAL = `${DIR}/wal`;
const SERIES = 5;

const named = (i: number): Labels => Labels.of({ __name__: "m", i: String(i) });

const open = (files: Files, clock: ManualClock): Promise<AgentStorage> =>
  openAgent(DIR, {
    clock,
    logger: memoryLogger(),
    lockFile: false,
    walFsync: "always",
    walCompression: "none",
    files,
  });

async function write(storage: AgentStorage, time: number): Promise<void> {
  const app = storage.appender();
  const batch = createSampleBatch(SERIES);
  for (let i = 0; i < SERIES; i++) {
    batch.refs[i] = app.series(named(i));
    batch.timestamps[i] = time;
    batch.values[i] = i;
  }
  batch.count = SERIES;
  app.append(batch);
  expect([...batch.outcomes.subarray(0, SERIES)]).toEqual(Array.from({ length: SERIES }, () => OUTCOME_OK));
  await app.commit();
}

/** Methods of `Files` that change the disk. The test makes each of their calls fail once. */
const STEPS = ["open", "write", "sync", "syncFolder", "rename", "unlink", "remove", "truncate", "makeFolder"];

/** Returns `files` in which one operation fails: operation number `at`, counted from this call. */
function failing(files: Files, codeOf: (step: string) => string) {
  const state = { at: Infinity, seen: 0, refused: "" };
  const isRefused = (): boolean => state.seen++ === state.at;
  const wrapped = new Proxy(files, {
    get(target, name: keyof Files) {
      const call = target[name] as (...args: readonly unknown[]) => unknown;
      return (...args: readonly unknown[]): unknown => {
        const isStep = STEPS.includes(name) && !(name === "open" && args[1] === "r");
        if (!isStep || !isRefused()) return Reflect.apply(call, target, args);
        if (state.refused === "") state.refused = name;
        const error = systemError(codeOf(name), name);
        if (name === "sync" || name === "syncFolder") return Promise.reject(error);
        throw error;
      };
    },
  });
  return { files: wrapped, state };
}

/** Creates an agent on a simulated disk. Its log has a checkpoint and enough segments for the next checkpoint. */
async function prepared(codeOf: (step: string) => string) {
  const disk = new SimulatedDisk(() => 0.5);
  const clock = new ManualClock(T0);
  const { files, state } = failing(disk.mount(), codeOf);
  const storage = await open(files, clock);
  let time = T0;
  for (let i = 0; i < 4; i++) {
    await clock.advance(10);
    await write(storage, (time += 10));
    await storage.truncate(0);
  }
  expect(listCheckpoints(WAL, files)).toHaveLength(1);
  await write(storage, (time += 10));
  return { disk, clock, storage, state, time };
}

/**
 * Starts another agent on the disk. Returns the series that it finds, with the times of their newest samples. Fails if
 * the checkpoint is not readable.
 */
async function found(disk: SimulatedDisk, clock: ManualClock): Promise<unknown[]> {
  const logger = memoryLogger();
  const storage = await openAgent(DIR, {
    clock,
    logger,
    lockFile: false,
    walFsync: "never",
    files: disk.mount(),
  });
  expect(logger.lines.filter(({ level }) => level !== "info")).toEqual([]);
  const { series } = storage;
  const times = Array.from({ length: SERIES }, (_, i) => series.at.lastTime[series.find(named(i))]);
  await storage.close();
  return times;
}

test("if any step of a checkpoint fails, the old checkpoint stays, and the next attempt succeeds", async () => {
  const refusedSteps = new Set<string>();
  const outcomes = { created: 0, failed: 0, left: 0 };
  for (let at = 0; ; at++) {
    const codeOf = (step: string): string => (step === "write" && at % 2 === 0 ? "ENOSPC" : "EIO");
    const { disk, clock, storage, state, time } = await prepared(codeOf);
    const failed = (): Record<string, number> => {
      const table = storage.collect();
      return {
        creations: table["prometheus_agent_checkpoint_creations_failed_total"]!,
        deletions: table["prometheus_agent_checkpoint_deletions_failed_total"]!,
        truncations: table["prometheus_tsdb_wal_truncations_failed_total"]!,
      };
    };
    const [old] = listCheckpoints(WAL, disk.readerFiles());
    [state.at, state.seen] = [at, 0];
    const error = await storage.truncate(0).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    state.at = Infinity;
    if (state.refused === "") {
      expect(error).toBeUndefined();
      await storage.close();
      break;
    }
    refusedSteps.add(state.refused);
    const checkpoints = listCheckpoints(WAL, disk.readerFiles());
    const none = { creations: 0, deletions: 0, truncations: 0 };
    if (checkpoints.at(-1)!.index === old!.index) {
      expect(checkpoints).toEqual([old]);
      expect(error).toBeDefined();
      // A checkpoint that fails counts as one failed creation. If the new log segment could not be created, no
      // checkpoint was attempted and the count is 0.
      if (failed()["creations"] !== 0) outcomes.failed++;
      expect(failed()).toEqual({ ...none, creations: failed()["creations"] === 0 ? 0 : 1 });
    } else if (error === undefined) {
      outcomes.created++;
      expect(failed()).toEqual(none);
    } else {
      outcomes.left++;
      const kind = { unlink: "truncations", remove: "deletions" }[state.refused] ?? "creations";
      expect([state.refused, failed()]).toEqual([state.refused, { ...none, [kind]: 1 }]);
    }
    // A restarted agent finds all acknowledged samples and can append more samples.
    await write(storage, time + 1);
    await storage.truncate(0);
    await storage.truncate(0);
    const last = listCheckpoints(WAL, disk.readerFiles());
    expect(last).toHaveLength(1);
    expect(last[0]!.index).toBeGreaterThan(old!.index);
    expect(listSegments(WAL, disk.readerFiles()).every(({ index }) => index > last[0]!.index)).toBe(true);
    expect(
      disk
        .readerFiles()
        .list(WAL)
        .filter((name) => name.endsWith(".tmp")),
    ).toEqual([]);
    await storage.close();
    expect(await found(disk, clock)).toEqual(Array.from({ length: SERIES }, () => time + 1));
  }
  expect([...refusedSteps]).toEqual(
    expect.arrayContaining(["open", "write", "sync", "syncFolder", "rename", "unlink", "remove"]),
  );
  expect(outcomes.failed).toBeGreaterThan(3);
  expect(outcomes.left).toBeGreaterThan(1);
});

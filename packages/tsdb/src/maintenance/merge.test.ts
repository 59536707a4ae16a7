import { memoryLogger, ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { Block } from "../block/block.ts";
import { diskFiles } from "../files.ts";
import { MaintenanceContext, type MaintenanceParts } from "./context.ts";
import { mergeBlocks } from "./merge.ts";

const ULID = "01HKTR0000000000000000000A";

test.each([
  ["TypeError", []],
  ["InvariantError", []],
  ["BlockError", ["/data/meta.json.tmp"]],
])("a merge that fails by a %s is not tried again, and only damage is written to the blocks", async (name, written) => {
  const changed: string[] = [];
  const note = (path: string): never => {
    changed.push(path);
    throw Object.assign(new Error("read-only"), { code: "EROFS" });
  };
  const files = { ...diskFiles, open: note, remove: () => undefined };
  const run = (): Promise<never> => Promise.reject(Object.assign(new Error("wrong"), { name }));
  const parts = { clock: new ManualClock(), compactor: { run }, dir: "/data", files, logger: memoryLogger() };
  const context = new MaintenanceContext(parts as unknown as MaintenanceParts, { timeMs: 0, sizeBytes: 0 });
  const meta = { ulid: ULID, minTime: 0, maxTime: 1, version: 1, compaction: { level: 1, sources: [ULID] } };
  await expect(mergeBlocks(context, [{ dir: "/data", meta } as unknown as Block])).rejects.toThrow();
  expect([...context.failedBlocks]).toEqual([ULID]);
  expect(changed).toEqual(written);
});

import { ManualClock, temporaryFolder } from "@narthex/runtime/testing";
import { beforeEach, expect, test } from "vitest";
import { diskFiles } from "../files.ts";
import { runCheckpoint } from "./checkpoint.ts";
import { replaceByCheckpoint } from "./replace-by-checkpoint.ts";
import { listSegments } from "./segment.ts";
import { WalTruncation } from "./truncation.ts";
import { WalWriter } from "./writer.ts";
import { refusing } from "../testing/refusing-files.ts";

let dir: string;
beforeEach(() => void (dir = temporaryFolder()));

test("if the first segment could not be created, the log can be truncated after a segment was created", async () => {
  let isFull = true;
  const files = refusing("open", (_, mode) => isFull && mode === "ax");
  const wal = new WalWriter(dir, { files });
  const truncation = new WalTruncation(wal, "none", new ManualClock(0));
  expect(listSegments(dir)).toEqual([]);
  await expect(truncation.run(0, new Uint32Array(0))).rejects.toThrow("no space left");
  isFull = false;
  await truncation.run(0, new Uint32Array(0));
  expect(listSegments(dir).map(({ index }) => index)).toEqual([0]);
  await wal.close();
});

test("the first error of a checkpoint is reported, and no part of the checkpoint is left", async () => {
  const files = refusing("sync", () => true, "EIO");
  const draft = { lastSegment: 0, compression: "none", files } as const;
  const filling = replaceByCheckpoint(dir, draft, (writer) => {
    writer.log(Uint8Array.of(1, 2, 3));
    throw new Error("the log is damaged");
  });
  await expect(filling).rejects.toThrow("the log is damaged");
  expect(diskFiles.list(dir)).toEqual([]);
});

test("repeated attempts to truncate a log that cannot be read begin one segment, and a later truncation begins another", async () => {
  let isRefused = true;
  const wal = new WalWriter(dir);
  for (let i = 0; i < 4; i++) wal.nextSegment();
  const truncation = new WalTruncation(wal, "none", new ManualClock(0), (folder, request) =>
    isRefused ? Promise.reject(new Error("EIO")) : runCheckpoint(folder, request, diskFiles),
  );
  const run = (minTime: number): Promise<void> => truncation.run(minTime, new Uint32Array(0));
  for (let attempt = 0; attempt < 3; attempt++) await expect(run(1000)).rejects.toThrow("EIO");
  expect(wal.segment).toBe(5);
  await expect(run(2000)).rejects.toThrow("EIO");
  expect(wal.segment).toBe(6);
  isRefused = false;
  await run(2000);
  expect([wal.segment, listSegments(dir)[0]!.index]).toEqual([6, 4]);
  await run(2000);
  expect(wal.segment).toBe(7);
  await wal.close();
});

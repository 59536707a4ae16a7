import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { diskFiles } from "../files.ts";
import { PendingUploads } from "./pending-uploads.ts";

const dir = temporaryFolder();
const path = join(dir, "thanos.shipper.json");

const block = (ulid: string, level = 1) =>
  ({ meta: { ulid, minTime: 0, maxTime: 1, version: 1, compaction: { level } } }) as const;
const BLOCKS = [block("01C"), block("01A"), block("01B", 2), block("01D")];

function mergeable(uploads: PendingUploads): string[] {
  return uploads.mergeable(BLOCKS).map(({ meta }) => meta.ulid);
}

test("blocks are merged up to the first one that is not uploaded, and merged blocks need no upload", () => {
  const uploads = new PendingUploads(path, diskFiles, new ManualClock(), memoryLogger());
  writeFileSync(path, '{"version": 1, "uploaded": ["01A", "01D"]}');
  expect(mergeable(uploads)).toEqual(["01A", "01B"]);
});

test("the file is read again after a minute; if it cannot be read, no block waits and one warning is logged", async () => {
  const clock = new ManualClock();
  const logger = memoryLogger();
  const uploads = new PendingUploads(path, diskFiles, clock, logger);
  writeFileSync(path, "{}");
  expect(mergeable(uploads)).toEqual([]);
  writeFileSync(path, '{"uploaded": ["01A", "01C"]}');
  expect(mergeable(uploads)).toEqual([]);
  await clock.advance(60_000);
  expect(mergeable(uploads)).toEqual(["01A", "01B", "01C"]);
  await clock.advance(60_000);
  writeFileSync(path, "not JSON");
  for (let run = 0; run < 2; run++) expect(mergeable(uploads)).toEqual(["01A", "01B", "01C", "01D"]);
  await clock.advance(60_000);
  writeFileSync(path, '{"uploaded": "01A"}');
  expect(mergeable(uploads)).toEqual(["01A", "01B", "01C", "01D"]);
  await clock.advance(60_000);
  writeFileSync(path, '{"uploaded": ["01A"]}');
  expect(mergeable(uploads)).toEqual(["01A", "01B"]);
  expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
    ["warn", "reading the file of uploaded blocks (compaction does not wait for uploads) failed"],
    ["warn", "reading the file of uploaded blocks (compaction does not wait for uploads) failed"],
    ["info", "reading the file of uploaded blocks (compaction does not wait for uploads) works again"],
  ]);
});

import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { diskFiles } from "../files.ts";
import { readHeadStart, writeHeadStart } from "./head-start.ts";

test("the stored start of the head never moves back, so that samples deleted before it do not return from the log", () => {
  const dir = temporaryFolder();
  expect(readHeadStart(dir, diskFiles)).toBe(-Infinity);
  for (const [written, expected] of [
    [7_200_000, 7_200_000],
    [14_400_000, 14_400_000],
    [7_200_000, 14_400_000],
    [-Infinity, 14_400_000],
  ] as const) {
    writeHeadStart(dir, written, diskFiles);
    expect(readHeadStart(dir, diskFiles)).toBe(expected);
  }
});

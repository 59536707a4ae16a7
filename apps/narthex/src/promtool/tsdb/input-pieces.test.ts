import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { inputPieces } from "./input-pieces.ts";
import { samplesBetween, timeRange } from "./openmetrics-samples.ts";

const folder = temporaryFolder();
const LINES = Array.from({ length: 9 }, (_, i) => `a{b="${"x".repeat(7 * i)}"} ${i} ${i + 1}\n`);
const TEXT = `# TYPE a gauge\n${LINES.join("")}# EOF\n`;

const written = (text: string): string => {
  const path = join(folder, "in.om");
  writeFileSync(path, text);
  return path;
};

test.each([1, 2, 7, 16, 32, TEXT.length - 1, TEXT.length, TEXT.length + 1])(
  "pieces of %i bytes contain the same samples as the whole file, on each pass",
  (size) => {
    const pieces = inputPieces(written(TEXT), size);
    expect(timeRange(pieces)).toEqual({ minTime: 1000, maxTime: 9000 });
    const values: number[] = [];
    expect(samplesBetween(pieces, 2000, 9000, [], (_labels, _time, value) => values.push(value))).toBe(9000);
    expect(values).toEqual([1, 2, 3, 4, 5, 6, 7]);
  },
);

test.each([16, TEXT.length])("pieces of %i bytes report a file without # EOF, and data after it", (size) => {
  for (const text of [TEXT.replace("# EOF\n", ""), `${TEXT}${TEXT}`])
    expect(() => timeRange(inputPieces(written(text), size)), text).toThrow("EOF");
});

test("a pipe is read once, and can be passed over twice", () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  execFileSync("sh", ["-c", `cat "$1" > "$2" &`, "sh", written(TEXT), pipe], { stdio: "ignore" });
  const pieces = inputPieces(pipe, 16);
  expect([timeRange(pieces).maxTime, timeRange(pieces).maxTime]).toEqual([9000, 9000]);
});

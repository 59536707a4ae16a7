import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { getHeapStatistics } from "node:v8";
import { expect, test } from "vitest";
import { SLAB_BYTES } from "../packages/tsdb/src/head/memory/byte-slabs.ts";
import { HEAD_LIMITS, MAX_LABELS } from "../packages/tsdb/src/head/memory/head-capacity.ts";
import { DURABILITY_CLAIMS, type Proof } from "./durability-claims.ts";
import { root } from "./sources.ts";
import { testTitles } from "./test-titles.ts";

const page = readFileSync(join(root, "docs/durability.md"), "utf8");

/** Sentences of docs/durability.md that need no test. */
const NO_CLAIM = ["The node exporter stores no data."];

/** Table cells of docs/durability.md, row by row, without the headings. */
const rows: readonly (readonly string[])[] = page
  .split("\n")
  .filter(
    (line, i, lines) => line.startsWith("| ") && lines[i + 1]?.startsWith("| -") !== true && !line.startsWith("| -"),
  )
  .map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );

/** Paragraphs and list items of docs/durability.md, each as one line. */
const sentences: readonly string[] = page
  .replace(/^(?:\||#).*$/gm, "")
  .split(/\n\n+|\n(?=- )/)
  .map((text) => text.replace(/^- /, "").replaceAll(/\s+/g, " ").trim())
  .filter((text) => text !== "" && !NO_CLAIM.includes(text));

const claims = Object.keys(DURABILITY_CLAIMS);

test("each row, item and paragraph of docs/durability.md is a row of durability-claims.ts", () => {
  const rowsOfTable = rows.map(([first]) => first!);
  // The claims whose sentences are outside of tables. Claims of table rows are excluded, because a sentence that needs
  // no test may begin with the same word as a row.
  const begins = claims.filter((claim) => !rowsOfTable.includes(claim));
  const lacking = [
    ...rowsOfTable.filter((first) => !claims.includes(first)),
    ...sentences.filter((text) => !begins.some((begin) => text.startsWith(begin))),
  ];
  expect(lacking).toEqual([]);
  const unclear = begins.filter((begin) => sentences.filter((text) => text.startsWith(begin)).length !== 1);
  expect(unclear).toEqual([]);
});

test("each row of durability-claims.ts names tests that exist and run", () => {
  const lost = Object.entries(DURABILITY_CLAIMS).flatMap(([claim, proofs]) => [
    ...(proofs.length === 0 ? [claim] : []),
    ...proofs.filter((proof) => !isThere(proof)).map(([file, title]) => `${claim}: ${file}: ${title}`),
  ]);
  expect(lost).toEqual([]);
});

function isThere([file, title]: Proof): boolean {
  const path = join(root, file);
  return existsSync(path) && testTitles(readFileSync(path, "utf8"), file).some((found) => found.startsWith(title));
}

test("the limits of the page are those of the head", () => {
  const limitOf = (first: string): string => rows.find(([cell]) => cell === first)![1]!;
  const numberOf = (first: string): number => Number(limitOf(first).replaceAll(",", ""));
  expect({
    series: numberOf("series"),
    pairs: numberOf("label pairs; names and values"),
    symbols: numberOf("label pairs; names and values"),
    names: numberOf("label names"),
    chunks: numberOf("chunks"),
    references: numberOf("series since the folder's time"),
    slabs: (Number(/^(\d+) GiB$/.exec(limitOf("memory for samples and labels"))![1]) * 2 ** 30) / SLAB_BYTES,
    histograms: Math.floor(getHeapStatistics().heap_size_limit / 2 ** 14),
  }).toEqual(HEAD_LIMITS);
  expect(numberOf("labels of one series")).toBe(MAX_LABELS);
  expect(limitOf("series with native histograms")).toBe("one per 16 KiB of the JavaScript heap: 262,144 for 4 GiB");
});

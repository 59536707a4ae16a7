import { execFileSync } from "node:child_process";
import { statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { hostTree, type HostTree, seriesFrom } from "../testing/host-tree.ts";
import { type TextFile, TextFiles } from "./text-files.ts";
import { textfile } from "./textfile.ts";

/**
 * Returns the series of text files in a folder `t`. The files are given by name without .prom. Paths in the result are
 * relative.
 */
async function seriesOf(contents: Readonly<Record<string, string>>, prepare?: (host: HostTree) => void) {
  using host = hostTree({ "t/notes.txt": "no metrics" });
  for (const [name, content] of Object.entries(contents)) {
    host.write(`t/${name}.prom`, content);
    utimesSync(join(host.folder, `t/${name}.prom`), 0, 1_700_000_000.9);
  }
  prepare?.(host);
  const series = await seriesFrom(textfile, host, { "collector.textfile.directory": [`${host.folder}/t`] });
  return series.map((line) => line.replaceAll(`${host.folder}/t/`, ""));
}

const GOOD = "node_textfile_scrape_error 0";
const BAD = "node_textfile_scrape_error 1";
const read = (...names: readonly string[]): string[] =>
  names.map((name) => `node_textfile_mtime_seconds{file="${name}.prom"} 1.7e+09`);

test("all files are read, and each series of a family has all labels of the family", async () => {
  expect(await seriesOf({ a: 'm{x="1"} 1\nm{y="2"} 2\n', b: "m 3\n" })).toEqual([
    "m 3",
    'm{x="",y="2"} 2',
    'm{x="1",y=""} 1',
    ...read("a", "b"),
    GOOD,
  ]);
});

test("a histogram and a summary are completed and sorted", async () => {
  const histogram = '# TYPE h histogram\nh_bucket{le="5"} 3\nh_bucket{le="1"} 2\nh_count 4\n';
  const summary = '# TYPE s summary\ns{quantile="0.9"} 3\ns{quantile="0.5"} 2\ns_sum 7\n';
  expect(await seriesOf({ a: histogram + summary })).toEqual([
    'h_bucket{le="1"} 2',
    'h_bucket{le="5"} 3',
    'h_bucket{le="+Inf"} 4',
    "h_sum 0",
    "h_count 4",
    ...read("a"),
    GOOD,
    's{quantile="0.5"} 2',
    's{quantile="0.9"} 3',
    "s_sum 7",
    "s_count 0",
  ]);
});

test("if two files have different help texts, the first text is used, and the second file's family is an error", async () => {
  expect(
    await seriesOf({ a: "# HELP m one\nm 1\n", b: '# HELP m two\nm{b="1"} 2\n', c: '# HELP m one\nm{c="1"} 3\n' }),
  ).toEqual(["m 1", ...read("a", "b", "c"), BAD]);
});

test("another type, a help text added later, a repeated series and names of a histogram's parts are dropped without an error", async () => {
  expect(await seriesOf({ a: "m 1\n", b: '# TYPE m gauge\nm{b="1"} 2\n' })).toEqual(["m 1", ...read("a", "b"), GOOD]);
  expect(await seriesOf({ a: "m 1\n", b: '# HELP m x\nm{b="1"} 2\n' })).toEqual(["m 1", ...read("a", "b"), GOOD]);
  expect(await seriesOf({ a: "m 1\n", b: "m 2\n" })).toEqual(["m 1", ...read("a", "b"), GOOD]);
  const histogram = "# TYPE m histogram\nm_sum 1\nm_count 2\n";
  const parts = ['m_bucket{le="+Inf"} 2', "m_sum 1", "m_count 2"];
  expect(await seriesOf({ a: histogram, b: "m_sum 1\n" })).toEqual([...parts, ...read("a", "b"), GOOD]);
  expect(await seriesOf({ a: "m_sum 1\n", b: histogram })).toEqual(["m_sum 1", ...read("a", "b"), GOOD]);
});

test("a file with timestamps, an invalid file and entries that are not files are errors, and the other files are read", async () => {
  const fine = "m 1\n";
  expect(await seriesOf({ a: fine, b: "n 1 1700000000000\n" })).toEqual(["m 1", ...read("a"), BAD]);
  expect(await seriesOf({ a: fine, b: "n 1" })).toEqual(["m 1", ...read("a"), BAD]);
  expect(await seriesOf({ a: fine, b: '{"with.dot"} 1\n' })).toEqual(["m 1", ...read("a"), BAD]);
  const pipe = (host: HostTree): void => void execFileSync("mkfifo", [join(host.folder, "t/pipe.prom")]);
  expect(await seriesOf({ a: fine }, pipe)).toEqual(["m 1", ...read("a"), BAD]);
  const folder = (host: HostTree): void => host.write("t/folder.prom/x", "");
  expect(await seriesOf({ a: fine }, folder)).toEqual(["m 1", ...read("a"), BAD]);
  const dangling = (host: HostTree): void => symlinkSync("/nowhere", join(host.folder, "t/b.prom"));
  expect(await seriesOf({ a: fine }, dangling)).toEqual(["m 1", ...read("a"), BAD]);
});

test("a file of more than 64 MiB is an error, and the other files are read", async () => {
  const large = (host: HostTree): void => {
    host.write("t/b.prom", "");
    truncateSync(join(host.folder, "t/b.prom"), 64 * 1024 * 1024 + 1);
  };
  expect(await seriesOf({ a: "m 1\n" }, large)).toEqual(["m 1", ...read("a"), BAD]);
});

test("a file is parsed again only if it changed, and while it may still change unnoticed", async () => {
  using host = hostTree({ "a.prom": "m 1\n" });
  const path = join(host.folder, "a.prom");
  const clock = new ManualClock(statSync(path).ctimeMs);
  const files = new TextFiles((_file, sentence) => expect.unreachable(sentence), clock);
  const rounds: (TextFile | undefined)[] = [];
  const round = async (): Promise<void> => {
    rounds.push(await files.read(path));
    files.finish();
  };
  await round();
  await clock.advance(10_000);
  await round();
  await round();
  expect(rounds[1]).not.toBe(rounds[0]);
  expect(rounds[2]).toBe(rounds[1]);
  writeFileSync(path, "m 22\n");
  await round();
  expect(rounds[3]?.families[0]?.samples[0]?.value).toBe(22);
});

test("symbolic links are followed, and a link to /dev/null is an empty file", async () => {
  const series = await seriesOf({}, (host) => {
    host.write("elsewhere", "m 1\n");
    host.link("t/linked.prom", join(host.folder, "elsewhere"));
    host.link("t/off.prom", "/dev/null");
  });
  expect(series).toContain("m 1");
  expect(series).toContain(GOOD);
  expect(series.some((line) => line.startsWith('node_textfile_mtime_seconds{file="off.prom"}'))).toBe(true);
});

test("patterns match folders as in Go, and a missing folder is an error", async () => {
  using host = hostTree({ "a1/x.prom": "m 1\n", "b2/x.prom": "n 1\n", "{c}/x.prom": "o 1\n" });
  const of = async (...patterns: readonly string[]): Promise<string[]> => {
    const directories = patterns.map((pattern) => join(host.folder, pattern));
    const series = await seriesFrom(textfile, host, { "collector.textfile.directory": directories });
    return series.filter((line) => !line.includes("mtime"));
  };
  expect(await of("[ab]?")).toEqual(["m 1", "n 1", GOOD]);
  expect(await of("{c}", "a1", "a1")).toEqual(["m 1", GOOD, "o 1"]);
  expect(await of("a1", "missing")).toEqual(["m 1", BAD]);
  expect(await of("a1/x.prom")).toEqual([BAD]);
});

test("without a folder nothing is read and the collector succeeds", async () => {
  using host = hostTree();
  expect(await seriesFrom(textfile, host)).toEqual([GOOD]);
});

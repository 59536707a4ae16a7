import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../../support/random.ts";

const NAMES = ["job_last_run", "job_runs_total", "job_seconds", "job_size", "job", "a:b", "Z", "job_seconds_count"];
const TYPES = ["counter", "gauge", "untyped", "histogram", "summary", "GAUGE"];
const LABELS = ["host", "job", "zone", "Z", "_x"];
const TEXTS = ["a", "b", "", "with space", "ü", 'q\\"q', "back\\\\slash", "line\\nbreak", "{}=,"];
const VALUES = ["0", "1", "-1.5", "1e3", "NaN", "+Inf", "-Inf", "0x10", "1234567890123", "1e-9", ".5", "1E400", "-0"];
const HELPS = ["How long.", "How  long, twice.", "", "with \\\\ and \\n in it"];
/**
 * Unusual metric lines that a parser may accept or refuse. `{"job",host="a"}` is left out: if `job` is a summary,
 * node_exporter uses the last quantile that it read for such a line.
 */
const ODDITIES = [
  "# just a remark",
  "#",
  "",
  "   \t",
  "# HELP",
  "# HELP job",
  "# TYPE job",
  "# TYPE job weird",
  "# EOF",
  "job 1 1700000000000",
  "job 1 nonsense",
  "job{} 2",
  'job{host="a",} 3',
  'job{host="a" job="b"} 3',
  'job { host = "sp" , job="x" } 4',
  "job{host='a'} 1",
  'job{host="a",host="b"} 1',
  'job{host="un\\zescaped"} 1',
  "9job 1",
  "job",
  "job 1_000",
  "job one",
  '  job{host="indented"}   5  ',
  '{"übername"} 1',
  'job{"über"="1"} 1',
  'job{host="cr"} 7\r',
];

const pairs = (random: Random): string[] =>
  LABELS.filter(() => random.chance(25)).map((name) => `${name}="${random.pick(TEXTS)}"`);

const braced = (all: readonly string[]): string => (all.length === 0 ? "" : `{${all.join(",")}}`);

/** Returns the lines of a histogram or summary, some of them out of order, duplicated or missing. */
function parts(random: Random, name: string, kind: "le" | "quantile"): string[] {
  const labels = pairs(random);
  const bounds = kind === "le" ? ["0.1", "1", "5", "1e1", "+Inf"] : ["0", "0.5", "0.99", "1"];
  const suffix = kind === "le" ? "_bucket" : "";
  const lines = bounds
    .filter(() => random.chance(80))
    .map((bound) => `${name}${suffix}${braced([...labels, `${kind}="${bound}"`])} ${random.below(100)}`);
  if (random.chance(90)) lines.push(`${name}_sum${braced(labels)} ${random.pick(VALUES)}`);
  if (random.chance(90)) lines.push(`${name}_count${braced(labels)} ${random.below(100)}`);
  return random.chance(20) ? lines.toReversed() : lines;
}

function familyLines(random: Random, name: string, help: string | undefined): string[] {
  const lines: string[] = [];
  const type = random.chance(75) ? random.pick(TYPES) : undefined;
  if (help !== undefined) lines.push(`# HELP ${name} ${help}`);
  if (type !== undefined) lines.push(`# TYPE ${name} ${type}`);
  for (let i = random.below(4); i > 0; i--) {
    if (type === "histogram") lines.push(...parts(random, name, "le"));
    else if (type === "summary") lines.push(...parts(random, name, "quantile"));
    else lines.push(`${name}${braced(pairs(random))} ${random.pick(VALUES)}`);
  }
  return lines;
}

/**
 * Returns the HELP text of a metric; undefined if a file has none. A HELP text that differs between files is never left
 * out, because node_exporter would crash.
 */
type HelpOf = (name: string) => string | undefined;

function textfile(random: Random, helpOf: HelpOf): string {
  // One of the names `job_seconds` and `job_seconds_count`, which is left out. If a file contained both, node_exporter
  // would drop a random one.
  const dropped = random.chance(50) ? "job_seconds" : "job_seconds_count";
  const names = NAMES.filter((name) => name !== dropped && random.chance(30));
  const lines = names.flatMap((name) => familyLines(random, name, helpOf(name)));
  if (random.chance(25)) lines.splice(random.below(lines.length + 1), 0, random.pick(ODDITIES));
  const text = lines.join("\n");
  return text === "" || random.chance(4) ? text : `${text}\n`;
}

function fillFolder(random: Random, folder: string, helpOf: HelpOf): void {
  mkdirSync(folder, { recursive: true });
  for (const name of ["a.prom", "b.prom", "c.prom", "B.prom", ".hidden.prom", "notes.txt", "x.prom.tmp", ".prom"]) {
    if (!random.chance(35)) continue;
    const path = join(folder, name);
    if (random.chance(3)) mkdirSync(path);
    else if (random.chance(4)) symlinkSync("/nowhere", path);
    else if (random.chance(2)) symlinkSync("/dev/null", path);
    else if (random.chance(5)) {
      writeFileSync(`${folder}-linked`, textfile(random, helpOf));
      symlinkSync(`${folder}-linked`, path);
    } else {
      writeFileSync(path, textfile(random, helpOf));
      utimesSync(path, 1_700_000_000 + random.below(1000) / 7, 1_700_000_000.999 + random.below(1_000_000));
    }
  }
}

/** Values of --collector.textfile.directory: plain folders, folders with globs, a missing one and a duplicate. */
export const DIRECTORIES: readonly string[] = [
  "plain",
  "many/*/metrics",
  "many/[ab]?",
  "br{ace,d}",
  "esc\\[aped\\]",
  "./plain/../other/",
  "plain",
];

/** Creates the folders of DIRECTORIES, with random text files in them. */
export function randomTextfiles(random: Random, place: string): void {
  // Style of the help texts by metric. The metric "job" never has style 2 (a different text in each file), because
  // unusual lines contain this metric without a help text.
  const style = new Map(NAMES.map((name) => [name, random.below(name === "job" ? 2 : 3)]));
  const usual = new Map(NAMES.map((name) => [name, random.pick(HELPS)]));
  const helpOf: HelpOf = (name) => {
    if (style.get(name) === 0) return usual.get(name);
    if (style.get(name) === 1) return random.chance(50) ? usual.get(name) : undefined;
    // An empty help text is left out, because it counts as missing.
    return random.pick(HELPS.filter((help) => help !== ""));
  };
  // Most folders exist, because a missing folder is an error.
  const isThere = () => random.chance(97);
  if (isThere()) fillFolder(random, join(place, "plain"), helpOf);
  if (isThere()) fillFolder(random, join(place, "other"), helpOf);
  if (isThere()) fillFolder(random, join(place, "br{ace,d}"), helpOf);
  if (isThere()) fillFolder(random, join(place, "esc[aped]"), helpOf);
  for (const name of ["a1", "b2", "c3"]) {
    if (!random.chance(60)) continue;
    fillFolder(random, join(place, "many", name), helpOf);
    if (random.chance(60)) fillFolder(random, join(place, "many", name, "metrics"), helpOf);
  }
  if (random.chance(5)) writeFileSync(join(place, "many-file"), "");
}

import { WireWriter } from "@narthex/bytes";
import type { Random } from "../../support/random.ts";

/**
 * The state from which the random bodies of one sequence of push requests are generated. Each metric name has only one
 * HELP text, because /metrics may take the text from any group.
 */
export interface Vocabulary {
  readonly random: Random;
  readonly hasUtf8Names: boolean;
  /**
   * Whether the Pushgateway checks pushes for consistency. Without the check, the Pushgateway stores and shows invalid
   * metrics.
   */
  readonly isChecking: boolean;
  readonly types: Map<string, number>;
}

const NAMES = [
  "a",
  "b_total",
  "c_seconds",
  "h",
  "h_count",
  "h_bucket",
  "s",
  "s_sum",
  "go_goroutines",
  "x:y",
  "process_x",
];
const OWN = ["push_time_seconds", "push_failure_time_seconds", "pushgateway_build_info", "go_info"];
const ODD_NAMES = ["odd.name", "ünï", "with space", "1st", 'quo"te', "a/b"];
const TYPE_WORDS = ["counter", "gauge", "summary", "untyped", "histogram", "gaugehistogram"];
const GAUGE_HISTOGRAM = 5;
const VALUES = [
  "0",
  "1",
  "-1",
  "1.5",
  "1e9",
  "1e-7",
  "NaN",
  "+Inf",
  "-Inf",
  "-0",
  "123456789",
  "0.1",
  "1e21",
  "99999999999999999",
];
const BAD_VALUES = ["", "x", "0x1p3", "1_000", "1e999", "--1", "1,5", "0b1", "Infinity1"];
const LABEL_NAMES = ["l", "job", "instance", "zone", "le", "quantile", "Z"];
const ODD_LABELS = ["odd.label", "ü", "a:b"];
const LABEL_VALUES = [
  "",
  "x",
  "y",
  "ü",
  "a b",
  "1",
  "+Inf",
  "line\\nbreak",
  'q\\"q',
  "back\\\\slash",
  "a\\0b".slice(0, 1),
];
const BAD_LINES = [
  "# TYPE a gauge\n# TYPE a gauge\n",
  "# HELP a x\n# HELP a y\n",
  "a 1\n# TYPE a gauge\n",
  "# TYPE a wrong\n",
  "# TYPE a gauge \n",
  "# TYPE\n",
  "# HELP a bad \\x escape\n",
  "# TYPE 1a gauge\n",
  'a{l="x",l="y"} 1\n',
  'a{l="x\n',
  'a{l="x} 1\n',
  "a{l=x} 1\n",
  'a{l="x"\n',
  'a{l "x"} 1\n',
  'a{="x"} 1\n',
  'a{l="\\q"} 1\n',
  'a{__name__="b"} 1\n',
  'a{__x="b"} 1\n',
  'a{l="x" m="y"} 1\n',
  "a\n",
  "a 1 x\n",
  "a 1 1 1\n",
  "a 1 \n",
  "1a 1\n",
  "a-b 1\n",
  "é 1\n",
  'a{l="\xff"} 1\n',
  'a{l="x",} 1\n',
  " \t a 1\n\n\n# comment\n#\n",
  "a 1",
  '{"a"} 1\n',
  '{"a",l="x"} 1\n',
  '{l="x","a"} 1\n',
  '{"a","b"} 1\n',
  '{"a" 1\n',
  'a\t{ l = "x" , m="y" }\t1\n',
  "a{l='x'} 1\n",
  'a{"l"="x"} 1\n',
  '"a" 1\n',
  'a"b c" 1\n',
  "\r\n",
  "a 1\r\n",
];

/** Generates a random request body in the text format: usually valid, sometimes with one wrong line. */
export function textBody(words: Vocabulary): Uint8Array {
  const { random } = words;
  let text = "";
  const used = new Set<string>();
  for (let i = random.below(5); i > 0; i--) {
    const name = metricName(words);
    if (used.has(name) && !random.chance(10)) continue;
    used.add(name);
    text += family(words, name);
    if (random.chance(4)) text += random.pick(BAD_LINES);
  }
  if (random.chance(3)) text += random.pick(BAD_LINES);
  if (random.chance(2)) text = text.slice(0, random.below(text.length + 1));
  return Buffer.from(text, text.includes("\xff") ? "latin1" : "utf8");
}

function metricName({ random, hasUtf8Names }: Vocabulary): string {
  if (random.chance(4)) return random.pick(OWN);
  return random.chance(hasUtf8Names ? 25 : 2) ? random.pick(ODD_NAMES) : random.pick(NAMES);
}

/** Returns the type of a metric in a request body. Usually all metrics with one name have the same type. */
function typeOf({ random, types }: Vocabulary, name: string): number {
  // The name "gh" always has the same type. With two types, the original Pushgateway's error message would depend on
  // the order in which it reads the metrics.
  if (name === "gh") return GAUGE_HISTOGRAM;
  // The metric names of push times always have the same type. The original Pushgateway sometimes accepts another type
  // for them, and then refuses pushes to every other group.
  if (name.startsWith("push_")) return 1;
  if (random.chance(8)) return random.below(GAUGE_HISTOGRAM);
  const known = types.get(name);
  if (known !== undefined) return known;
  const type = name === "h" ? 4 : name === "s" ? 2 : name === "go_goroutines" ? 1 : random.below(GAUGE_HISTOGRAM);
  types.set(name, type);
  return type;
}

const OWN_HELP: ReadonlyMap<string, string> = new Map([
  ["push_time_seconds", "Last Unix time when changing this group in the Pushgateway succeeded."],
  ["push_failure_time_seconds", "Last Unix time when changing this group in the Pushgateway failed."],
]);

function helpOf(name: string): string | undefined {
  if (OWN_HELP.has(name)) return OWN_HELP.get(name);
  return name === "a" || name.length % 3 === 0 ? undefined : `Help for ${name}.`;
}

function family(words: Vocabulary, name: string): string {
  const { random } = words;
  const type = typeOf(words, name);
  const help = name === "go_goroutines" ? undefined : helpOf(name);
  const shown = /^[a-zA-Z_:][\w:]*$/.test(name) ? name : `"${name.replaceAll('"', '\\"')}"`;
  let text = help === undefined ? "" : `# HELP ${shown} ${help}\n`;
  if (type !== 3 || random.chance(50)) text += `# TYPE ${shown} ${caseOf(random, TYPE_WORDS[type]!)}\n`;
  for (
    let i = random.weighted([
      [1, 0],
      [6, 1],
      [3, 2],
      [1, 4],
    ]);
    i > 0;
    i--
  )
    text += metric(words, name, type);
  return text;
}

const caseOf = (random: Random, word: string): string => (random.chance(5) ? word.toUpperCase() : word);

function metric(words: Vocabulary, name: string, type: number): string {
  const { random } = words;
  const labels = labelPairs(words);
  const line = (suffix: string, extra: readonly string[] = []): string => {
    const pairs = random.chance(97) ? [...labels, ...extra] : [...extra, ...labels];
    return `${series(name + suffix, pairs)} ${random.chance(1) ? random.pick(BAD_VALUES) : random.pick(VALUES)}${random.chance(1) ? " 123" : ""}\n`;
  };
  if (type === 2) {
    const quantiles = ["0.5", "0.9", "1", "NaN", "x"].filter((one) =>
      random.chance(one === "x" || one === "NaN" ? 2 : 50),
    );
    const parts = quantiles.map((one) => line("", [`quantile="${one}"`]));
    return [
      ...parts,
      ...(random.chance(80) ? [line("_sum")] : []),
      ...(random.chance(80) ? [line("_count")] : []),
    ].join("");
  }
  if (type >= 4) {
    const bounds = ["0.1", "1", "1e3", "+Inf", "NaN", "x"].filter((one) =>
      random.chance(one === "x" || one === "NaN" ? 2 : 60),
    );
    const parts = bounds.map((one) => line(random.chance(97) ? "_bucket" : "", [`le="${one}"`]));
    return [
      ...parts,
      ...(random.chance(80) ? [line("_sum")] : []),
      ...(random.chance(80) ? [line("_count")] : []),
    ].join("");
  }
  return line("");
}

function labelPairs({ random, hasUtf8Names }: Vocabulary): string[] {
  const names = [...LABEL_NAMES, ...(random.chance(hasUtf8Names ? 30 : 2) ? ODD_LABELS : [])];
  const chosen = random.chance(40) ? [] : random.some(names).slice(0, 3);
  return chosen.map(
    (name) => `${/^\w+$/.test(name) && /^[a-zA-Z_]/.test(name) ? name : `"${name}"`}="${random.pick(LABEL_VALUES)}"`,
  );
}

function series(name: string, pairs: readonly string[]): string {
  if (!/^[a-zA-Z_:][\w:]*$/.test(name)) return `{${[`"${name.replaceAll('"', '\\"')}"`, ...pairs].join(",")}}`;
  return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
}

/** Generates a random request body of length-delimited MetricFamily messages. */
export function protobufBody(words: Vocabulary): Uint8Array {
  const { random } = words;
  const writer = new WireWriter(1024);
  for (let i = random.below(4); i > 0; i--) {
    const name = random.chance(4) ? "nothing" : metricName(words);
    const type = name === "nothing" ? 1 : typeOf(words, name);
    writer.delimited(() => protobufFamily(words, writer, name, type));
  }
  const bytes = writer.written.slice();
  if (random.chance(4)) return bytes.slice(0, random.below(bytes.length + 1));
  return random.chance(2) ? Buffer.concat([bytes, Buffer.from([3, 0xff, 0xff, 0xff])]) : bytes;
}

function protobufFamily(words: Vocabulary, writer: WireWriter, name: string, type: number): void {
  const { random } = words;
  writer.string(1, name);
  const help = name === "go_goroutines" ? undefined : helpOf(name);
  if (help !== undefined) writer.string(2, help);
  if (type !== 0 || random.chance(50)) writer.uint64(3, type);
  // The family "nothing" has no metrics. An empty family with another name could make the type of that name random.
  if (name === "nothing") return;
  for (let i = random.chance(30) ? 2 : 1; i > 0; i--) {
    // Whether the values have a wrong type. For a gauge histogram, they never have one: the original Pushgateway
    // accepts it, but then cannot print the histogram.
    const isWrong = type !== GAUGE_HISTOGRAM && random.chance(3);
    writer.message(4, () => protobufMetric(words, writer, isWrong ? random.below(GAUGE_HISTOGRAM) : type));
  }
  if (random.chance(5)) writer.string(5, "seconds");
  if (random.chance(3)) writer.string(99, "unknown field");
}

const LABELS_ON_WIRE = ["l", "job", "instance", "zone", "Z"];

function protobufMetric({ random, isChecking }: Vocabulary, writer: WireWriter, type: number): void {
  const names = random.chance(40) ? [] : random.some(LABELS_ON_WIRE).slice(0, 3);
  if (random.chance(2)) names.push(random.pick(["l", "__x", "", "quantile", "le"]));
  for (const name of names) {
    writer.message(1, () => {
      writer.string(1, name);
      if (isChecking && random.chance(1)) writer.bytes(2, Uint8Array.of(0x61, 0xff));
      else writer.string(2, random.pick(["", "x", "y", "ü", 'q"\\\n']));
    });
  }
  const number = (): number => random.pick([0, 1, -1, 1.5, 1e9, NaN, Infinity, 2 ** 60]);
  const field = [3, 2, 4, 5, 7, 7][type]!;
  if (type !== GAUGE_HISTOGRAM && random.chance(2)) return;
  writer.message(field, () => {
    if (type === 2) summary(random, writer, number);
    else if (type >= 4) histogram(random, writer, number);
    else if (random.chance(95)) writer.double(1, number());
    if (type === 0 && random.chance(20)) writer.message(2, () => exemplar(writer));
  });
  if (random.chance(1)) writer.int64(6, random.pick([0, 1, -5]));
}

function exemplar(writer: WireWriter): void {
  writer.message(1, () => {
    writer.string(1, "trace");
    writer.string(2, "abc");
  });
  writer.double(2, 3);
}

function summary(random: Random, writer: WireWriter, number: () => number): void {
  if (random.chance(90)) writer.uint64(1, random.below(1000));
  if (random.chance(90)) writer.double(2, number());
  for (const quantile of [0.5, 0.9].slice(0, random.below(3))) {
    writer.message(3, () => {
      writer.double(1, quantile);
      writer.double(2, number());
    });
  }
}

function histogram(random: Random, writer: WireWriter, number: () => number): void {
  const isNative = random.chance(40);
  const isFloat = random.chance(30);
  if (isFloat) writer.double(4, random.below(20) + 0.5);
  else if (random.chance(95)) writer.uint64(1, random.below(1000));
  writer.double(2, number());
  if (!isNative || random.chance(30)) {
    for (const bound of [0.1, 1, Infinity].slice(0, random.below(4))) {
      writer.message(3, () => {
        if (isFloat) writer.double(4, random.below(9) + 0.25);
        else writer.uint64(1, random.below(100));
        writer.double(2, bound);
      });
    }
  }
  if (!isNative) return;
  writer.sint64(5, random.pick([-2, 0, 3]));
  writer.double(6, 0.001);
  if (isFloat) writer.double(8, random.below(3));
  else writer.uint64(7, random.below(3));
  for (const side of [9, 12]) if (random.chance(60)) nativeSide(random, writer, side, isFloat);
}

/**
 * Writes the positive or negative buckets of a native histogram. The spans match the number of buckets. With fewer
 * buckets, the original Pushgateway's API panics.
 */
function nativeSide(random: Random, writer: WireWriter, field: number, isFloat: boolean): void {
  let buckets = 0;
  for (let i = 1 + random.below(2); i > 0; i--) {
    const length = 1 + random.below(3);
    buckets += length;
    writer.message(field, () => {
      writer.sint64(1, random.below(4));
      writer.uint64(2, length);
    });
  }
  let count = 0;
  for (; buckets > 0; buckets--) {
    const next = random.below(4);
    if (isFloat) writer.double(field + 2, next + 0.5 * random.below(2));
    else writer.sint64(field + 1, next - count);
    count = next;
  }
}

import { WireWriter } from "@narthex/bytes";
import type { Dice } from "../../support/dice.ts";

/**
 * State that the bodies of one sequence of requests share. Each metric name has only one help text, so that it does not
 * matter from which group /metrics takes it.
 */
export interface Vocabulary {
  readonly dice: Dice;
  readonly hasUtf8Names: boolean;
  /** Whether the gateway checks pushes for consistency. Without the check it stores and shows invalid metrics. */
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

/** A body in the text format: mostly valid, sometimes with one wrong line. */
export function textBody(words: Vocabulary): Uint8Array {
  const { dice } = words;
  let text = "";
  const used = new Set<string>();
  for (let i = dice.roll(5); i > 0; i--) {
    const name = metricName(words);
    if (used.has(name) && !dice.chance(10)) continue;
    used.add(name);
    text += family(words, name);
    if (dice.chance(4)) text += dice.pick(BAD_LINES);
  }
  if (dice.chance(3)) text += dice.pick(BAD_LINES);
  if (dice.chance(2)) text = text.slice(0, dice.roll(text.length + 1));
  return Buffer.from(text, text.includes("\xff") ? "latin1" : "utf8");
}

function metricName({ dice, hasUtf8Names }: Vocabulary): string {
  if (dice.chance(4)) return dice.pick(OWN);
  return dice.chance(hasUtf8Names ? 25 : 2) ? dice.pick(ODD_NAMES) : dice.pick(NAMES);
}

/** Returns the type of a metric in a body. A name usually keeps its type. */
function typeOf({ dice, types }: Vocabulary, name: string): number {
  // The name "gh" always has one type. With two types, the original's error would depend on the order in which it reads
  // them.
  if (name === "gh") return GAUGE_HISTOGRAM;
  // Names of push times always have one type. The original sometimes accepts another type for them, and then refuses
  // pushes to every other group.
  if (name.startsWith("push_")) return 1;
  if (dice.chance(8)) return dice.roll(GAUGE_HISTOGRAM);
  const known = types.get(name);
  if (known !== undefined) return known;
  const type = name === "h" ? 4 : name === "s" ? 2 : name === "go_goroutines" ? 1 : dice.roll(GAUGE_HISTOGRAM);
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
  const { dice } = words;
  const type = typeOf(words, name);
  const help = name === "go_goroutines" ? undefined : helpOf(name);
  const shown = /^[a-zA-Z_:][\w:]*$/.test(name) ? name : `"${name.replaceAll('"', '\\"')}"`;
  let text = help === undefined ? "" : `# HELP ${shown} ${help}\n`;
  if (type !== 3 || dice.chance(50)) text += `# TYPE ${shown} ${caseOf(dice, TYPE_WORDS[type]!)}\n`;
  for (
    let i = dice.weighted([
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

const caseOf = (dice: Dice, word: string): string => (dice.chance(5) ? word.toUpperCase() : word);

function metric(words: Vocabulary, name: string, type: number): string {
  const { dice } = words;
  const labels = labelPairs(words);
  const line = (suffix: string, extra: readonly string[] = []): string => {
    const pairs = dice.chance(97) ? [...labels, ...extra] : [...extra, ...labels];
    return `${series(name + suffix, pairs)} ${dice.chance(1) ? dice.pick(BAD_VALUES) : dice.pick(VALUES)}${dice.chance(1) ? " 123" : ""}\n`;
  };
  if (type === 2) {
    const quantiles = ["0.5", "0.9", "1", "NaN", "x"].filter((one) =>
      dice.chance(one === "x" || one === "NaN" ? 2 : 50),
    );
    const parts = quantiles.map((one) => line("", [`quantile="${one}"`]));
    return [...parts, ...(dice.chance(80) ? [line("_sum")] : []), ...(dice.chance(80) ? [line("_count")] : [])].join(
      "",
    );
  }
  if (type >= 4) {
    const bounds = ["0.1", "1", "1e3", "+Inf", "NaN", "x"].filter((one) =>
      dice.chance(one === "x" || one === "NaN" ? 2 : 60),
    );
    const parts = bounds.map((one) => line(dice.chance(97) ? "_bucket" : "", [`le="${one}"`]));
    return [...parts, ...(dice.chance(80) ? [line("_sum")] : []), ...(dice.chance(80) ? [line("_count")] : [])].join(
      "",
    );
  }
  return line("");
}

function labelPairs({ dice, hasUtf8Names }: Vocabulary): string[] {
  const names = [...LABEL_NAMES, ...(dice.chance(hasUtf8Names ? 30 : 2) ? ODD_LABELS : [])];
  const chosen = dice.chance(40) ? [] : dice.some(names).slice(0, 3);
  return chosen.map(
    (name) => `${/^\w+$/.test(name) && /^[a-zA-Z_]/.test(name) ? name : `"${name}"`}="${dice.pick(LABEL_VALUES)}"`,
  );
}

function series(name: string, pairs: readonly string[]): string {
  if (!/^[a-zA-Z_:][\w:]*$/.test(name)) return `{${[`"${name.replaceAll('"', '\\"')}"`, ...pairs].join(",")}}`;
  return pairs.length === 0 ? name : `${name}{${pairs.join(",")}}`;
}

/** A body of delimited MetricFamily messages. */
export function protobufBody(words: Vocabulary): Uint8Array {
  const { dice } = words;
  const writer = new WireWriter(1024);
  for (let i = dice.roll(4); i > 0; i--) {
    const name = dice.chance(4) ? "nothing" : metricName(words);
    const type = name === "nothing" ? 1 : typeOf(words, name);
    writer.delimited(() => protobufFamily(words, writer, name, type));
  }
  const bytes = writer.written.slice();
  if (dice.chance(4)) return bytes.slice(0, dice.roll(bytes.length + 1));
  return dice.chance(2) ? Buffer.concat([bytes, Buffer.from([3, 0xff, 0xff, 0xff])]) : bytes;
}

function protobufFamily(words: Vocabulary, writer: WireWriter, name: string, type: number): void {
  const { dice } = words;
  writer.string(1, name);
  const help = name === "go_goroutines" ? undefined : helpOf(name);
  if (help !== undefined) writer.string(2, help);
  if (type !== 0 || dice.chance(50)) writer.uint64(3, type);
  // A family without metrics always has the name "nothing". With a name that another family uses, it would be random
  // which type is used.
  if (name === "nothing") return;
  for (let i = dice.chance(30) ? 2 : 1; i > 0; i--) {
    // A gauge histogram always has values of the right type: the original accepts any type, but then cannot print it.
    const isWrong = type !== GAUGE_HISTOGRAM && dice.chance(3);
    writer.message(4, () => protobufMetric(words, writer, isWrong ? dice.roll(GAUGE_HISTOGRAM) : type));
  }
  if (dice.chance(5)) writer.string(5, "seconds");
  if (dice.chance(3)) writer.string(99, "unknown field");
}

const LABELS_ON_WIRE = ["l", "job", "instance", "zone", "Z"];

function protobufMetric({ dice, isChecking }: Vocabulary, writer: WireWriter, type: number): void {
  const names = dice.chance(40) ? [] : dice.some(LABELS_ON_WIRE).slice(0, 3);
  if (dice.chance(2)) names.push(dice.pick(["l", "__x", "", "quantile", "le"]));
  for (const name of names) {
    writer.message(1, () => {
      writer.string(1, name);
      if (isChecking && dice.chance(1)) writer.bytes(2, Uint8Array.of(0x61, 0xff));
      else writer.string(2, dice.pick(["", "x", "y", "ü", 'q"\\\n']));
    });
  }
  const number = (): number => dice.pick([0, 1, -1, 1.5, 1e9, NaN, Infinity, 2 ** 60]);
  const field = [3, 2, 4, 5, 7, 7][type]!;
  if (type !== GAUGE_HISTOGRAM && dice.chance(2)) return;
  writer.message(field, () => {
    if (type === 2) summary(dice, writer, number);
    else if (type >= 4) histogram(dice, writer, number);
    else if (dice.chance(95)) writer.double(1, number());
    if (type === 0 && dice.chance(20)) writer.message(2, () => exemplar(writer));
  });
  if (dice.chance(1)) writer.int64(6, dice.pick([0, 1, -5]));
}

function exemplar(writer: WireWriter): void {
  writer.message(1, () => {
    writer.string(1, "trace");
    writer.string(2, "abc");
  });
  writer.double(2, 3);
}

function summary(dice: Dice, writer: WireWriter, number: () => number): void {
  if (dice.chance(90)) writer.uint64(1, dice.roll(1000));
  if (dice.chance(90)) writer.double(2, number());
  for (const quantile of [0.5, 0.9].slice(0, dice.roll(3))) {
    writer.message(3, () => {
      writer.double(1, quantile);
      writer.double(2, number());
    });
  }
}

function histogram(dice: Dice, writer: WireWriter, number: () => number): void {
  const isNative = dice.chance(40);
  const isFloat = dice.chance(30);
  if (isFloat) writer.double(4, dice.roll(20) + 0.5);
  else if (dice.chance(95)) writer.uint64(1, dice.roll(1000));
  writer.double(2, number());
  if (!isNative || dice.chance(30)) {
    for (const bound of [0.1, 1, Infinity].slice(0, dice.roll(4))) {
      writer.message(3, () => {
        if (isFloat) writer.double(4, dice.roll(9) + 0.25);
        else writer.uint64(1, dice.roll(100));
        writer.double(2, bound);
      });
    }
  }
  if (!isNative) return;
  writer.sint64(5, dice.pick([-2, 0, 3]));
  writer.double(6, 0.001);
  if (isFloat) writer.double(8, dice.roll(3));
  else writer.uint64(7, dice.roll(3));
  for (const side of [9, 12]) if (dice.chance(60)) nativeSide(dice, writer, side, isFloat);
}

/** Writes spans with the right number of buckets. With fewer buckets, the original's API panics. */
function nativeSide(dice: Dice, writer: WireWriter, field: number, isFloat: boolean): void {
  let buckets = 0;
  for (let i = 1 + dice.roll(2); i > 0; i--) {
    const length = 1 + dice.roll(3);
    buckets += length;
    writer.message(field, () => {
      writer.sint64(1, dice.roll(4));
      writer.uint64(2, length);
    });
  }
  let count = 0;
  for (; buckets > 0; buckets--) {
    const next = dice.roll(4);
    if (isFloat) writer.double(field + 2, next + 0.5 * dice.roll(2));
    else writer.sint64(field + 1, next - count);
    count = next;
  }
}

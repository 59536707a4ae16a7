import { WireWriter } from "@narthex/bytes";
import { ENTRY_END } from "../entries.ts";
import type { BodyFormat } from "../negotiation/negotiate.ts";
import { openReader, type ReaderOptions } from "../open-reader.ts";
import { ExpositionError } from "../problem.ts";
import { parseFamilies } from "../text/parse-families.ts";
import type { Task } from "./step-counter.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const times = (text: string, size: number): string => text.repeat(Math.ceil(size / text.length));
const numbered = (size: number, piece: (n: number) => string): string => {
  let out = "";
  for (let n = 0; out.length < size; n++) out += piece(n);
  return out;
};

/** Reads a body to its end or to the first error. */
function drain(format: BodyFormat, body: Uint8Array, options: ReaderOptions = {}): void {
  try {
    const reader = openReader(format, body, undefined, options);
    for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) if (kind < 3) reader.labels();
  } catch (error) {
    if (!(error instanceof ExpositionError)) throw error;
  }
}

/** Bodies that a badly written reader would scan repeatedly. */
const HOSTILE: Readonly<Record<string, (size: number) => string>> = {
  "one long name": (size) => `${times("a", size)} 1\n`,
  "one long value": (size) => `a{b="${times("x", size)}"} 1\n`,
  "one long value, escaped": (size) => `a{b="${times("\\\\", size)}"} 1\n`,
  "a value that never closes": (size) => `a{b="${times("x\\n", size)}\n`,
  "many values that never close": (size) => times('a{b="\n', size),
  "many labels": (size) => `a{${numbered(size, (n) => `l${n}="",`)}} 1\n`,
  "many equal labels": (size) => `a{${times('b="c",', size)}} 1\n`,
  "many labels in blanks": (size) => `a {${times(' b = "c" , ', size)}} 1\n`,
  "quoted names": (size) => `{"a",${numbered(size, (n) => `"é${n}"="x",`)}} 1\n`,
  "blanks behind a name": (size) => `a${times(" ", size)}1\n`,
  "blanks on a line": (size) => times(" ", size),
  "empty lines": (size) => times("\n", size),
  comments: (size) => times("#\n", size),
  hashes: (size) => times("#", size),
  "one long help": (size) => `# HELP a ${times("x", size)}\na 1\n`,
  "one long help, escaped": (size) => `# HELP a ${times("\\\\", size)}\na 1\n`,
  helps: (size) => numbered(size, (n) => `# HELP a${n} b\n`),
  types: (size) => numbered(size, (n) => `# TYPE a${n}_count summary\n`),
  "many digits": (size) => `a ${times("1", size)}\n`,
  "many digits behind a point": (size) => `a 0.${times("0", size)}1\n`,
  "many digits in a timestamp": (size) => `a 1 ${times("9", size)}\n`,
  "zeros before a timestamp": (size) => `a 1 ${times("0", size)}7\n`,
  "many digits in an exponent": (size) => `a 1e${times("1", size)}\n`,
  "broken UTF-8": (size) => `a{b="${times("\ufffd", size)}`,
  series: (size) => numbered(size, (n) => `a{b="${n}"} 1\n`),
  histograms: (size) => `# TYPE a histogram\n${numbered(size, (n) => `a_bucket{le="${n}"} ${n}\n`)}`,
  "buckets that fall": (size) => `# TYPE a histogram\n${numbered(size, (n) => `a_bucket{le="${1e9 - n}"} 0\n`)}`,
  "many digits in a bound": (size) => `# TYPE a histogram\na_bucket{le="${times("1", size)}x"} 1\n`,
  "many digits and no number": (size) => `a ${times("1", size)}x\n`,
  "many digits and no number in an exemplar": (size) => `a_total 1 # {} ${times("1", size)}x\n`,
  "histograms apart": (size) => `# TYPE a histogram\n${numbered(size, (n) => `a_count{b="${n}"} 1\n`)}`,
  "one long line that is none": (size) => `a{b="c"} 1 ${times("x", size)}\n`,
  exemplars: (size) => times('a_total 1 # {b="c"} 1 1\n', size),
  "exemplar labels": (size) => `a_total 1 # {${times('b="c",', size)}} 1 1\n`,
};

/** Returns the task to read a text body of a given size in one format. */
const inFormat =
  (format: BodyFormat, make: (size: number) => string, options?: ReaderOptions): Task =>
  (size) => {
    const body = encode(make(size) + (format === "openmetrics" ? "# EOF\n" : ""));
    return () => drain(format, body, options);
  };

/** Returns the tasks that read a text body, by the name of the reader. */
const textTasks = (make: (size: number) => string): Readonly<Record<string, Task>> => ({
  text: inFormat("text", make),
  openmetrics: inFormat("openmetrics", make),
  "text to nhcb": inFormat("text", make, { convertToNhcb: true }),
  families: (size) => {
    const body = encode(make(size));
    return () => void parseFamilies(body);
  },
});

/** Writes a part of a body. Is called with ascending numbers until the body is long enough. */
type Fill = (writer: WireWriter, n: number) => void;

const WIRE: Readonly<Record<string, Fill>> = {
  "empty buckets": (writer) => writer.bytes(3, new Uint8Array()),
  "empty spans": (writer) => writer.bytes(12, new Uint8Array()),
  "spans and deltas": (writer) => {
    writer.message(12, () => writer.uint64(2, 1));
    writer.sint64(13, 1);
  },
  "buckets that fall": (writer, n) => writer.message(3, () => writer.double(2, -n)),
  "exemplars of a histogram": (writer) => writer.bytes(16, new Uint8Array()),
  "unknown fields": (writer, n) => writer.uint64(100 + n, n),
};

function fillTo(size: number, writer: WireWriter, fill: Fill): void {
  for (let n = 0; writer.length < size; n++) fill(writer, n);
}

/** Returns the task to read a protobuf body that `write` fills. */
const bodyTask =
  (write: (writer: WireWriter, size: number) => void, options?: ReaderOptions): Task =>
  (size) => {
    const writer = new WireWriter();
    write(writer, size);
    const body = writer.written.slice();
    return () => drain("protobuf", body, options);
  };

/** Returns the task to read a family with one histogram. */
const histogramTask = (fill: Fill, options: ReaderOptions): Task =>
  bodyTask(
    (writer, size) =>
      writer.delimited(() => {
        writer.string(1, "h");
        writer.uint64(3, 4);
        writer.message(4, () => writer.message(7, () => fillTo(size, writer, fill)));
      }),
    options,
  );

/** Returns the tasks that read a protobuf body, by the name of the reader. */
const wireTasks = (fill: Fill): Readonly<Record<string, Task>> => ({
  classic: histogramTask(fill, {}),
  "native and classic": histogramTask(fill, { nativeHistograms: true, alwaysClassic: true }),
  "classic to nhcb": histogramTask(fill, { convertToNhcb: true }),
});

/** Returns the tasks for each of several contents, by name. */
const tasksFor = <Content>(
  format: string,
  contents: Readonly<Record<string, Content>>,
  tasksOf: (content: Content) => Readonly<Record<string, Task>>,
): (readonly [string, Task])[] =>
  Object.entries(contents).flatMap(([name, content]) =>
    Object.entries(tasksOf(content)).map(([reader, task]) => [`${format}: ${name}, read as ${reader}`, task] as const),
  );

/** Tasks that read hostile bodies. A name consists of format, content and reader. StepCounting imports the tasks. */
export const TASKS: Readonly<Record<string, Task>> = Object.fromEntries([
  ...tasksFor("text", HOSTILE, textTasks),
  ...tasksFor("protobuf", WIRE, wireTasks),
  [
    "protobuf: families",
    bodyTask((writer, size) =>
      fillTo(size, writer, (_, n) =>
        writer.delimited(() => {
          writer.string(1, `a${n}`);
          writer.bytes(4, new Uint8Array());
        }),
      ),
    ),
  ],
  [
    "protobuf: metrics",
    bodyTask((writer, size) =>
      writer.delimited(() => {
        writer.string(1, "a");
        fillTo(size, writer, () => writer.bytes(4, new Uint8Array()));
      }),
    ),
  ],
]);

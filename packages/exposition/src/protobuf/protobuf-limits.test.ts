import { WireWriter } from "@narthex/bytes";
import { expect, test } from "vitest";
import { ENTRY_END, ENTRY_NOTHING, ENTRY_SERIES } from "../entries.ts";
import { ExpositionError } from "../problem.ts";
import { ProtobufReader } from "./protobuf.ts";

const LONG = 1_000_001;

/** Returns a family of the given type. `fill` writes all fields of the family except the name. */
function familyOf(type: number, fill: (writer: WireWriter) => void): Uint8Array {
  const writer = new WireWriter();
  writer.delimited(() => {
    writer.string(1, "x");
    writer.uint64(3, type);
    fill(writer);
  });
  return writer.written.slice();
}

const empties = (field: number, count: number) => (writer: WireWriter) => {
  for (let i = 0; i < count; i++) writer.bytes(field, new Uint8Array(0));
};

const histogram = (fill: (writer: WireWriter) => void): Uint8Array =>
  familyOf(4, (writer) => writer.message(4, () => writer.message(7, () => fill(writer))));

function drain(bytes: Uint8Array): { readonly series: number; readonly returns: number } {
  const reader = new ProtobufReader(bytes);
  const counts = { series: 0, returns: 0 };
  for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) {
    if (kind === ENTRY_SERIES) counts.series++;
    if (kind === ENTRY_NOTHING) counts.returns++;
  }
  return counts;
}

function problemOf(bytes: Uint8Array): string {
  try {
    drain(bytes);
    return "";
  } catch (error) {
    if (!(error instanceof ExpositionError)) throw error;
    return error.message;
  }
}

test("a family with a very large number of metrics is read in steps, one metric after the other", () => {
  const bytes = familyOf(1, empties(4, 300_000));
  expect(new ProtobufReader(bytes).next()).toBe(ENTRY_NOTHING);
  const { series, returns } = drain(bytes);
  expect(series).toBe(300_000);
  expect(returns).toBeGreaterThan(100);
});

test("large metrics without an entry are read in steps", () => {
  const large = (writer: WireWriter): void => writer.message(7, () => empties(3, 100_000)(writer));
  const bytes = familyOf(4, (writer) => {
    for (let i = 0; i < 5; i++) writer.message(4, () => large(writer));
  });
  expect(drain(bytes).returns).toBeGreaterThanOrEqual(4);
});

test.each<[what: string, body: () => Uint8Array]>([
  ["labels", () => familyOf(1, (writer) => writer.message(4, () => empties(1, LONG)(writer)))],
  [
    "quantiles",
    () => familyOf(2, (writer) => writer.message(4, () => writer.message(4, () => empties(3, LONG)(writer)))),
  ],
  ["buckets", () => histogram(empties(3, LONG))],
  ["spans", () => histogram(empties(12, LONG))],
  ["buckets", () => histogram((writer) => writer.bytes(13, new Uint8Array(LONG)))],
  ["buckets", () => histogram((writer) => writer.bytes(14, new Uint8Array(LONG * 8)))],
  ["exemplars", () => histogram(empties(16, LONG))],
  ["exemplar labels", () => histogram((writer) => writer.message(16, () => empties(1, LONG)(writer)))],
])("a metric of more than a million %s is refused while it is read", (what, body) => {
  expect(problemOf(body())).toBe(`proto: more than 1000000 ${what} in one metric`);
});

test("a metric longer than 16 MiB is refused", () => {
  const bytes = familyOf(1, (writer) => writer.bytes(4, new Uint8Array(16 * 1024 * 1024 + 1)));
  expect(problemOf(bytes)).toBe("metric longer than 16777216 bytes");
});

test("messages about invalid texts show the beginning of long ones", () => {
  const broken = Buffer.alloc(100_000, "é".repeat(50_000));
  broken[broken.length - 1] = 0xff;
  const withLabel = (name: Uint8Array, value: Uint8Array): Uint8Array =>
    familyOf(1, (writer) =>
      writer.message(4, () =>
        writer.message(1, () => {
          writer.bytes(1, name);
          writer.bytes(2, value);
        }),
      ),
    );
  const a = Buffer.from("a");
  const help = familyOf(1, (writer) => {
    writer.bytes(2, broken);
    empties(4, 1)(writer);
  });
  const shown = `${"é".repeat(512)}…`;
  expect(problemOf(withLabel(broken, a))).toBe(`invalid label name: ${shown}`);
  expect(problemOf(withLabel(a, broken))).toBe(`invalid label value: ${shown}`);
  expect(problemOf(help)).toBe(`invalid help for metric "x": ${shown}`);
});

test("a page of empty families yields to other work", () => {
  // All bytes are lengths of 0, so each byte is an empty family.
  expect(drain(new Uint8Array(100_000)).returns).toBeGreaterThan(10);
});

import { expect, test } from "vitest";
import { MAX_DEPTH } from "./check-message.ts";
import { JsonReader } from "./json-reader.ts";

function readBy<T>(json: string, read: (reader: JsonReader) => T): T | string {
  try {
    return read(new JsonReader(Buffer.from(json)));
  } catch (error) {
    return (error as Error).message.replace(/, error found.*/s, "");
  }
}

test.each([
  [String.raw` "a\u0041\u00e9\ud83d\ude00\uD800\uDC00"`, "aA\u00e9\u{1f600}\u{10000}"],
  [String.raw`"\b\f\n\r\t\/\\\""`, '\b\f\n\r\t/\\"'],
  [String.raw`"\ud83dx"`, "\ufffdx"],
  [String.raw`"\ud83d"`, "\ufffd"],
  [String.raw`"\ud83d\n"`, "\ufffd\n"],
  [String.raw`"\ud83d\u0041"`, "\ufffdA"],
  [String.raw`"\ude00\ude00"`, "\ufffd\ufffd"],
  [String.raw`"\ud83d\ud83d"`, "\ufffd\ufffd"],
  ["null", ""],
  ['""', ""],
  ['"a', "readStringSlowPath: unexpected end of input"],
  ['"a\u0001"', "ReadString: invalid control character found: 1"],
  ['"a "', "a "],
  [String.raw`"\x"`, "readEscapedChar: invalid escape char after \\"],
  [String.raw`"\u00g0"`, "readU4: expects 0~9 or a~f, but found g"],
  [String.raw`"\u00`, "readU4: expects 0~9 or a~f, but found \0"],
  ["1", 'ReadString: expects " or n, but found 1'],
  ["nul", "skipThreeBytes: expect ull"],
  ["", 'ReadString: expects " or n, but found \0'],
])("%s is read as a text", (json, expected) => {
  expect(readBy(json, (reader) => Buffer.from(reader.string()).toString())).toBe(expected);
});

test.each([
  ["1.5", 1.5],
  [" -1.5e-3 ", -0.0015],
  ["-0", -0],
  ["0", 0],
  ["0.5", 0.5],
  ["1E+2", 100],
  ["+1", 1],
  ["01", "readFloat64: leading zero is invalid"],
  [".5", "readFloat64: leading dot is invalid"],
  ["-.5", "readFloat64: leading dot is invalid"],
  ["-,", "readFloat64: empty number"],
  ["]", "readFloat64: empty number"],
  ["}", "readFloat64: empty number"],
  ["- 1", "readFloat64: empty number"],
  ["1.", "readFloat64SlowPath: dot can not be last character"],
  ["1.e3", "readFloat64SlowPath: missing digit after dot"],
  ["--1", "readFloat64SlowPath: -- is not valid"],
  ["x", "readNumberAsString: invalid number"],
  ["", "readNumberAsString: invalid number"],
  ["1e", 'strconv.ParseFloat: parsing "1e": invalid syntax'],
  ["1.5.5", 'strconv.ParseFloat: parsing "1.5.5": invalid syntax'],
  ["1e999", 'strconv.ParseFloat: parsing "1e999": value out of range'],
])("%s is read as a double", (json, expected) => {
  expect(readBy(json, (reader) => reader.double())).toBe(expected);
});

test.each<[string, 32 | 64, boolean, bigint | string]>([
  ["2147483647", 32, true, 2_147_483_647n],
  ["2147483648", 32, true, "ReadInt32: overflow: 2147483648"],
  ["-2147483648", 32, true, -2_147_483_648n],
  ["-2147483649", 32, true, "ReadInt32: overflow: 2147483649"],
  ["4294967295", 32, false, 4_294_967_295n],
  ["4294967296", 32, false, "readUint32: overflow"],
  ["-1", 32, false, "readUint32: unexpected character: \ufffd"],
  ["- 1", 32, true, "readUint32: unexpected character: \ufffd"],
  ["9223372036854775807", 64, true, 2n ** 63n - 1n],
  ["-9223372036854775808", 64, true, -(2n ** 63n)],
  ["9223372036854775808", 64, true, "ReadInt64: overflow: 9223372036854775808"],
  ["18446744073709551615", 64, false, 2n ** 64n - 1n],
  ["18446744073709551616", 64, false, "readUint64: overflow"],
  ["100000000000000000000", 64, false, "readUint64: overflow"],
  ["0", 64, false, 0n],
  ["0.5", 64, false, "assertInteger: can not decode float as int"],
  ["15.5", 64, true, "assertInteger: can not decode float as int"],
  ["9", 64, true, 9n],
])("%s is read as a whole number of %i bits, signed: %s", (json, bits, isSigned, expected) => {
  expect(readBy(json, (reader) => reader.integer(bits, isSigned))).toBe(expected);
});

test("only the zero is read of a number with a leading zero", () => {
  const reader = new JsonReader(Buffer.from("07"));
  expect([reader.integer(32, false), reader.integer(32, false)]).toEqual([0n, 7n]);
});

test.each([
  [" true", true],
  ["false", false],
  ["tru", "skipThreeBytes: expect rue"],
  ["falsy", "skipFourBytes: expect alse"],
  ["null", "ReadBool: expect t or f, but found n"],
])("%s is read as a truth value", (json, expected) => {
  expect(readBy(json, (reader) => reader.boolean())).toBe(expected);
});

/** Reads a JSON value recursively. Numbers are read as doubles. */
function valueOf(reader: JsonReader): unknown {
  if (reader.kind() !== "other") return reader.kind() === "string" ? reader.string().length : reader.double();
  const isObject = reader.bytes[reader.at] === 0x7b;
  const read: unknown[] = [];
  if (isObject) reader.object((name) => read.push(name, valueOf(reader)));
  else reader.array(() => read.push(valueOf(reader)));
  return read;
}

test.each<[string, unknown]>([
  ['{ "a" : [ ] , "b":{}, "c": [1,\t-2,\r\n"xyz"] }', ["a", [], "b", [], "c", [1, -2, 3]]],
  ["null", []],
  ["nil", "skipThreeBytes: expect ull"],
  ["{1}", 'ReadObjectCB: expect " after {, but found 1'],
  ['{"a" 1}', "ReadObject: expect : after object field, but found 1"],
  ['{"a":1 "b":2}', "ReadObjectCB: object not ended with }"],
  ['{"a":1', "ReadObjectCB: object not ended with }"],
  ["[1 2]", "ReadArrayCB: expect ] in the end, but found 2"],
  ["[1,", "ReadArrayCB: expect [ or n, but found \0"],
  ["true", "ReadArrayCB: expect [ or n, but found t"],
  ["\u00e9", "ReadArrayCB: expect [ or n, but found \ufffd"],
])("%s is read as objects and lists", (json, expected) => {
  expect(readBy(json, valueOf)).toEqual(expected);
});

test("objects and lists may be nested up to a limit; adjacent ones do not add to the depth", () => {
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const) {
    const nested = (depth: number): string => open.repeat(depth) + "null" + close.repeat(depth);
    expect(readBy(nested(MAX_DEPTH), (reader) => reader.skip())).toBeUndefined();
    expect(readBy(nested(MAX_DEPTH + 1), (reader) => reader.skip())).toBe("incrementDepth: exceeded max depth");
  }
  const siblings = `[${Array.from({ length: MAX_DEPTH }, () => '[],{},[1],{"a":1}').join()}]`;
  expect(readBy(siblings, (reader) => reader.skip())).toBeUndefined();
});

test.each([
  ['{"a": [1, "x", null, true, false, {"b": -1}]} 5', 5],
  ["null 5", 5],
  ["true 5", 5],
  ["false 5", 5],
  ['"x" 5', 5],
  ["-1.5 5", 5],
  ["nope", "skipThreeBytes: expect ull"],
  ["?", "Skip: do not know how to skip: 63"],
  ["", "Skip: do not know how to skip: 0"],
])("%s is passed over up to the next value", (json, expected) => {
  expect(
    readBy(json, (reader) => {
      reader.skip();
      return reader.double();
    }),
  ).toBe(expected);
});

test("a fault is shown with the text around its place", () => {
  const at = (json: string): string => {
    try {
      new JsonReader(Buffer.from(json)).object(() => {});
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  const before = "b".repeat(60);
  expect(at(`${" ".repeat(60)}?${before}`)).toBe(
    `ReadObjectCB: expect { or n, but found ?, error found in #10 byte of ...|${" ".repeat(9)}?${"b".repeat(10)}|..., ` +
      `bigger context ...|${" ".repeat(49)}?${"b".repeat(50)}|...`,
  );
  expect(at("?")).toContain("error found in #1 byte of ...|?|...");
});

test("a pause is due once for each 64 KiB", () => {
  const reader = new JsonReader(Buffer.alloc(200_000));
  const due = [0, 65_535, 65_536, 65_537, 131_071, 131_072].filter((at) => {
    reader.at = at;
    return reader.isPauseDue();
  });
  expect(due).toEqual([65_536, 131_072]);
});

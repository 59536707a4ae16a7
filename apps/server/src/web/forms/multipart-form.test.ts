import { expect, test } from "vitest";
import { readMultipartForm } from "./multipart-form.ts";

const TYPE = "multipart/form-data; boundary=b";
const DISPOSITION = "Content-Disposition: form-data; ";

function timeOf(body: string, type = TYPE): string | undefined {
  const fields = readMultipartForm(Buffer.from(body), type);
  return fields.find(([name]) => name === "time")?.[1];
}

// Expected values are those of Prometheus 3.5.3, built with Go 1.27.1. Its error for an invalid time contains the
// field's value.
test.each([
  ['name="time"', "v"],
  ["name=time", "v"],
  ["NAME = time ;", "v"],
  ['name="time"; name="time"', "v"],
  ['x="y"; name="time"', "v"],
  ['name="time"; filename=""', "v"],
  ["name*=utf-8'en't%69me", "v"],
  ["name*0=ti; name*1*=%6de; name*3=x", "v"],
  ["name*0*=US-ASCII''t%69; name*1=me", "v"],
  ["name*=latin1''x; name=time", "v"],
  ["x={y}; y*=utf-8''%zz; name=time", "v"],
  ['name="t\\ime"', undefined],
  ['name="time"; filename="x"', undefined],
  ["name=time; filename*=utf-8''x", undefined],
  ["name*=utf-8''time%z; name=time", "v"],
  ["name*=utf-8; name=time", "v"],
  ['name="x"; name="time"', undefined],
  ["x=; name=time", undefined],
  ['name="time" x', undefined],
  ['name="time"; x', undefined],
  ['name="time', undefined],
  ["name*1=me; name*2=time", undefined],
  ["name=", undefined],
  ["", undefined],
])("a part with the disposition %s is read as by Go", (parameters, value) => {
  expect(timeOf(`--b\r\n${DISPOSITION}${parameters}\r\n\r\nv\r\n--b--`)).toBe(value);
});

test("a part whose name contains a quote without a backslash is skipped, and the others are read", () => {
  const part = (name: string): string => `--b\r\n${DISPOSITION}name="${name}"\r\n\r\n${name}\r\n`;
  const names = ['q"\\"', "stats", "a\\b", 'q\\"'];
  expect(readMultipartForm(Buffer.from(`${names.map(part).join("")}--b--`), TYPE)).toEqual([
    ["stats", "stats"],
    ["a\\b", "a\\b"],
    ['q"', 'q\\"'],
  ]);
});

const PART = `${DISPOSITION}name=time\r\n\r\nv\r\n`;

test.each([
  ["a preamble", `x\r\n--bx\r\n --b\r\n--b\r\n${PART}--b--`, "v"],
  ["a long line as preamble", `${"x".repeat(4094)}\r\n--b\r\n${PART}--b--`, "v"],
  ["lines that end with \\n", `--b\n${DISPOSITION}name=time\n\nv\r\n--b-- \t\n`, "v\r"],
  ["blanks after a boundary", `--b \t\r\n${PART}--b--\t `, "v"],
  ["text after the end", `--b\r\n${PART}--b--\r\nx`, "v"],
  ["an empty line before the end", `--b\r\n${PART}\r\n--b--`, "v\r\n"],
  ["an empty value", `--b\r\n${DISPOSITION}name=time\r\n\r\n--b--`, ""],
  ["a value that looks like a boundary", `--b\r\n${DISPOSITION}name=time\r\n\r\n--bx\r\n--b-\r\n--b--`, "--bx\r\n--b-"],
  ["a header in two lines", `--b\r\nContent-Disposition:\r\n\tform-data;\r\n  name=time\r\n\r\nv\r\n--b--`, "v"],
  ["other headers", `--b\r\nX y:\r\nContent-Type: text/plain\r\n${PART}--b--`, "v"],
  ["two dispositions", `--b\r\n${DISPOSITION}name=time\r\n${DISPOSITION}name=x\r\n\r\nv\r\n--b--`, "v"],
  [
    "a disposition with another type",
    `--b\r\ncontent-disposition: x/FORM-data; name=time\r\n\r\nv\r\n--b--`,
    undefined,
  ],
  ["a type in upper case", "--b\r\ncontent-DISPOSITION:FORM-data;name=time\r\n\r\nv\r\n--b--", "v"],
  ["an end within a header", `--b\r\n${PART}--b\r\nx: y`, "v"],
  ["as many headers as Go reads", `--b\r\n${"a:\n".repeat(9999)}${PART}--b--`, "v"],
])("a form with %s is read as by Go", (_, body, value) => {
  expect(timeOf(body)).toBe(value);
});

test.each([
  ["no end", `--b\r\n${PART}`],
  ["an end without the last hyphen", `--b\r\n${PART}--b-`],
  ["text after the last boundary", `--b\r\n${PART}--b--x`],
  ["text after a boundary", `--b\r\n${PART}--b x\r\n${PART}--b--`],
  ["a preamble that is longer than Go's buffer", `${"x".repeat(4095)}\r\n--b\r\n${PART}--b--`],
  ["a header without a colon in its first line", `--b\r\nxy\r\n z: 1\r\n${PART}--b--`],
  ["a header without a name", `--b\r\n: x\r\n${PART}--b--`],
  ["a header with a malformed name", `--b\r\nx@: y\r\n${PART}--b--`],
  ["a blank before the first header", `--b\r\n ${PART}--b--`],
  ["a control character in a header", `--b\r\nx: \u0001\r\n${PART}--b--`],
  ["more headers than Go reads", `--b\r\n${"a:\n".repeat(10_000)}${PART}--b--`],
])("a form with %s has no fields, as in Go", (_, body) => {
  expect(() => timeOf(body)).toThrow(/^(?:malformed multipart form|multipart: message too large)$/);
});

test.each([
  ['multipart/form-data; boundary="b"', true],
  ["Multipart/Form-Data ; BOUNDARY*=utf-8''b;", true],
  ["multipart/form-data; boundary=b; boundary=b", true],
  ["multipart/form-data; boundary=b; boundary=c", false],
  ["multipart/form-data; boundary=b; x", false],
  ['multipart/form-data; boundary=""', false],
  ["multipart/form-data", false],
])("the boundary of %s is read as by Go", (type, isRead) => {
  const read = (): string | undefined => timeOf(`--\r\n${PART}----\r\n--b\r\n${PART}--b--`, type);
  if (isRead) expect(read()).toBe("v");
  else expect(read).toThrow("malformed multipart form");
});

test.each([
  ["headers", `--b\r\n${DISPOSITION}${";a=1".repeat(2 ** 18)}`],
  ["lines before the first part", `${"\n".repeat(2 ** 20 + 1)}--b\r\n${DISPOSITION}\r\n\r\nv\r\n--b--`],
])("more than one MiB of %s is refused", (_, body) => {
  expect(() => timeOf(body)).toThrow("multipart: message too large");
});

test.each([
  ["v=3D=c3=A9", "v=é"],
  ["v=4", "v=4"],
  ["v=zz", "v=zz"],
  ["é\t\r~ x \t", "é\t\r~ x"],
  ["v =", "v "],
  ["v= \t", "v"],
  ["v=\nx \ny \r\n\r\n", "vx\ny\r\n\r\n"],
  ["=\r\nv= \t\r\nx", "vx"],
  [`${"v".repeat(4094)}\r\nx`, `${"v".repeat(4094)}\r\nx`],
  ["=", undefined],
  ["v==\r\nx", undefined],
  ["v=\rx", undefined],
  ["v=\r", undefined],
  ["v= \r \nx", undefined],
  ["v\u0001", undefined],
  ["v\u007f", undefined],
  [`${"v".repeat(4095)}\r\nx`, undefined],
])("the quoted-printable value %j is decoded as by Go", (text, value) => {
  const encoding = "Content-Transfer-Encoding:  Quoted-Printable \r\n";
  const read = (): string | undefined => timeOf(`--b\r\n${encoding}${DISPOSITION}name=time\r\n\r\n${text}\r\n--b--`);
  if (value === undefined) expect(read).toThrow("malformed multipart form");
  else expect(read()).toBe(value);
});

import type { Frame } from "@narthex/dashboards";
import { expect, test } from "vitest";
import { csvName, fileName, frameCsv } from "./frame-csv.ts";

const frame: Frame = {
  length: 3,
  fields: [
    { name: "Time", type: "time", values: Float64Array.of(0, 60_000, 60_500), config: {} },
    {
      name: "Value",
      type: "number",
      labels: { host: "a" },
      values: Float64Array.of(1.5, NaN, 0),
      nulls: Uint8Array.of(0, 0, 1),
      config: {},
    },
    { name: 'what "it" is', type: "string", values: ["a,b", 'say "c"', null], config: {} },
    { name: "on", type: "boolean", values: [true, false, null], config: {} },
    { name: "rest", type: "json", values: [{ a: 1 }, [], undefined], config: {} },
  ],
};

test("a frame becomes a line of names and a line for each row; missing values are empty", () => {
  expect(frameCsv(frame, { zone: "UTC", isForExcel: false })).toBe(
    [
      '"Time","a","what ""it"" is","on","rest"',
      '1970-01-01 00:00:00,1.5,"a,b",true,"{""a"":1}"',
      '1970-01-01 00:01:00,NaN,"say ""c""",false,"[]"',
      "1970-01-01 00:01:00.500,,,,",
      "",
    ].join("\r\n"),
  );
});

test("a first line names the separator for Excel, and formatted numbers that contain it are quoted", () => {
  const text = frameCsv(frame, { zone: "Europe/Berlin", isForExcel: true, textOf: (_f, _h, value) => `${value},0 %` });
  expect(text.split("\r\n").slice(0, 3)).toEqual([
    "sep=,",
    '"Time","a","what ""it"" is","on","rest"',
    '1970-01-01 01:00:00,"1.5,0 %","a,b",true,"{""a"":1}"',
  ]);
});

test("file names contain title and time, without characters that file systems refuse", () => {
  expect(csvName("CPU / Memory", false, 0, "UTC")).toBe("CPU _ Memory-data-1970-01-01 00_00_00.csv");
  expect(csvName("CPU", true, 0, "Europe/Berlin")).toBe("CPU-data-as-joinbyfield-1970-01-01 01_00_00.csv");
  expect(fileName(' a\nb:"c" ')).toBe("a_b__c_");
  expect(fileName("")).toBe("panel");
});

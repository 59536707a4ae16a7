import { expect, test } from "vitest";
import { layoutProblem } from "./layout-problem.ts";

test.each([
  ["2006-01-02", "x", 'parsing time "x" as "2006-01-02": cannot parse "x" as "2006"'],
  ["2006-01-02", "2030-13-01T", 'parsing time "2030-13-01T": month out of range'],
  ["2006-01-02", "2030-02-30", 'parsing time "2030-02-30": day out of range'],
  ["2006-01-02", "2030-01-01T", 'parsing time "2030-01-01T": extra text: "T"'],
  ["2006-01-02", "é", 'parsing time "\\xc3\\xa9" as "2006-01-02": cannot parse "\\xc3\\xa9" as "2006"'],
  [
    "2006-01-02T15:04:05Z07:00",
    "2020-01-01",
    'parsing time "2020-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"',
  ],
  [
    "2006-01-02T15:04:05Z07:00",
    "2020-01-01T00:00:00+25:00",
    'parsing time "2020-01-01T00:00:00+25:00": time zone offset hour out of range',
  ],
  [
    "2006-01-02T15:04:05Z07:00",
    "2020-01-01T00:00:00-25:61",
    'parsing time "2020-01-01T00:00:00-25:61": time zone offset minute out of range',
  ],
  ["2006-01-02T15:04:05Z07:00", "2020-01-01T24:00:00Z", 'parsing time "2020-01-01T24:00:00Z": hour out of range'],
])("layoutProblem(%j, %j) is %s", (layout, text, expected) => expect(layoutProblem(layout, text)).toBe(expected));

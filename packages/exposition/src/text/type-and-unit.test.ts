import { expect, test } from "vitest";
import { LineCache } from "../line-cache/line-cache.ts";
import type { BodyFormat } from "../negotiation/negotiate.ts";
import { openReader } from "../open-reader.ts";
import { readAll } from "../testing/read-all.ts";

function series(format: BodyFormat, body: string, convertToNhcb = false): string[] {
  const options = { typeAndUnitLabels: true, convertToNhcb };
  const lines = readAll(openReader(format, new TextEncoder().encode(body), new LineCache(), options));
  return lines.filter((line) => !/^(?:TYPE|UNIT|HELP) /.test(line));
}

test("series have the type and unit of their family as labels, replacing their own", () => {
  const body = `# TYPE a_seconds counter
# UNIT a_seconds seconds
a_seconds_total{__type__="x",b="c",__unit__="y"} 1
# TYPE u unknown
# UNIT u${" "}
u{__type__="x",__unit__="y"} 1
# EOF
`;
  expect(series("openmetrics", body)).toEqual([
    "a_seconds_total{__type__=counter,__unit__=seconds,b=c} 1",
    "u{__type__=x,__unit__=y} 1",
  ]);
  expect(series("text", '# TYPE g gauge\ng{__type__="x",__unit__="y"} 1\n')).toEqual([
    "g{__type__=gauge,__unit__=y} 1",
  ]);
});

test("histograms converted from classic ones have them too", () => {
  const body = '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_count 1\nh_sum 1\n# TYPE g gauge\ng 1\n';
  expect(series("text", body, true).map((line) => line.split(" ")[0])).toEqual([
    "h{__type__=histogram}",
    "g{__type__=gauge}",
  ]);
});

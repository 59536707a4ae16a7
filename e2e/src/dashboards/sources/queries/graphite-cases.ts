import { AUTUMN, type AskedQuery, type QueryCase, SPRING } from "./answering-role.ts";
import type { StoredPoints } from "../../../support/graphite-server.ts";

/** A target, and how it is asked. */
export type GraphiteCase = string | (Omit<AskedQuery, "target"> & { readonly text: string; readonly target?: object });

/** Returns the query of a source. Whisper's intervals begin after the start of the range, so it begins earlier. */
export const askedGraphite = (one: GraphiteCase): AskedQuery => {
  const { text, target, range = SPRING, ...more } = typeof one === "string" ? { text: one } : one;
  return { ...more, range: { from: range.from - 1000, to: range.to }, target: { target: text, ...target } };
};

const halfHours = (from: number, values: readonly (number | null)[]): StoredPoints[string] =>
  values.flatMap((value, at) => (value === null ? [] : [[from / 1000 + at * 1800, value] as const]));

/** Points of the metrics of the cases. */
export const POINTS: StoredPoints = {
  "shop.a.n": halfHours(SPRING.from, [0, 1, 2, 3, 4, 5, 6]),
  "shop.b.n": halfHours(SPRING.from, [0, -1.5, null, 1e300, 4, null, 5e-324]),
  "shop.gaps.n": halfHours(SPRING.from, [0, 1, null, null, 4, 5]),
  "shop.none.n": [],
  "autumn.n": halfHours(AUTUMN.from, [0, 1, 2, 3, 4, 5, 6, 7]),
  "odd.é漢.n-1_x": halfHours(SPRING.from, [1]),
  "odd.a(b).n": halfHours(SPRING.from, [2]),
};

export const CASES: readonly QueryCase<GraphiteCase>[] = [
  [
    "a metric is a series with its name as a label",
    "shop.a.n",
    [
      "series shop.a.n",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.a.n} number 0 1 2 3 4 5 6",
    ],
  ],
  [
    "negative, large and small values are read, and missing points are null",
    "shop.b.n",
    [
      "series shop.b.n",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.b.n} number 0 -1.5 null 1e+300 4 null 5e-324",
    ],
  ],
  [
    "a metric without points is a series of nulls",
    "shop.none.n",
    [
      "series shop.none.n",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.none.n} number null null null null null null null",
    ],
  ],
  ["an unknown metric gives no series", "shop.unknown.n", []],
  [
    "a star and a list are several series",
    "shop.{a,gaps}.n",
    [
      "series shop.a.n",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.a.n} number 0 1 2 3 4 5 6",
      "series shop.gaps.n",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n} number 0 1 null null 4 5 null",
    ],
  ],
  [
    "a pattern of characters is several series",
    "shop.[ab].n",
    [
      "series shop.a.n",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.a.n} number 0 1 2 3 4 5 6",
      "series shop.b.n",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.b.n} number 0 -1.5 null 1e+300 4 null 5e-324",
    ],
  ],
  [
    "a name with other scripts is found by a pattern",
    "odd.*.n-1_x",
    [
      "series odd.é漢.n-1_x",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=odd.é漢.n-1_x} number 1 null null null null null null",
    ],
  ],
  [
    "a name with parentheses is found by a pattern",
    "odd.a*.n",
    [
      "series odd.a(b).n",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=odd.a(b).n} number 2 null null null null null null",
    ],
  ],
  ["an empty target gives no series", "", []],
  [
    "white space around a target is read",
    "  shop.gaps.n  ",
    [
      "series shop.gaps.n",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n} number 0 1 null null 4 5 null",
    ],
  ],
  [
    "alias names a series, with quotes and other scripts",
    "alias(shop.gaps.n, 'é漢😀 \"x\"')",
    [
      'series é漢😀 "x"',
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n} number 0 1 null null 4 5 null",
    ],
  ],
  [
    "aliasByNode names a series by a part of its name",
    "aliasByNode(shop.gaps.n, 1)",
    [
      "series gaps",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n} number 0 1 null null 4 5 null",
    ],
  ],
  [
    "aliasSub replaces a part of the name",
    "aliasSub(shop.gaps.n, '.*\\.(\\w+)\\.n', 'x \\1')",
    [
      "series x gaps",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n} number 0 1 null null 4 5 null",
    ],
  ],
  [
    "a sum leaves out missing points",
    "sumSeries(shop.*.n)",
    [
      "series sumSeries(shop.*.n)",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=sumSeries(shop.*.n),aggregatedBy=sum} number 0 0.5 2 1e+300 12 10 6",
    ],
  ],
  [
    "an average leaves out missing points",
    "averageSeries(shop.{a,b}.n)",
    [
      "series averageSeries(shop.{a,b}.n)",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=averageSeries(shop.{a,b}.n),aggregatedBy=average} number 0 -0.25 2 5e+299 4 5 3",
    ],
  ],
  [
    "a group by a node is a series for each value",
    "groupByNode(shop.{a,gaps}.n, 1, 'sumSeries')",
    [
      "series a",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.a.n,aggregatedBy=sum} number 0 1 2 3 4 5 6",
      "series gaps",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n,aggregatedBy=sum} number 0 1 null null 4 5 null",
    ],
  ],
  [
    "scale and offset compute with each value",
    "offset(scale(shop.gaps.n, 2), -1)",
    [
      "series offset(scale(shop.gaps.n,2),-1)",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n,scale=2.0,offset=-1.0} number -1 1 null null 7 9 null",
    ],
  ],
  [
    "a division by zero is null",
    "divideSeries(shop.a.n, shop.gaps.n)",
    [
      "series divideSeries(shop.a.n,shop.gaps.n)",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=divideSeries(shop.a.n,shop.gaps.n)} number null 1 null null 1 1 null",
    ],
  ],
  [
    "a derivative needs two points",
    "derivative(shop.gaps.n)",
    [
      "series derivative(shop.gaps.n)",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n,derivative=1} number null 1 null null null 1 null",
    ],
  ],
  [
    "a derivative of a counter is never negative",
    "nonNegativeDerivative(shop.a.n)",
    [
      "series nonNegativeDerivative(shop.a.n)",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.a.n,nonNegativeDerivative=1} number null 1 1 1 1 1 1",
    ],
  ],
  [
    "an integral adds all points",
    "integral(shop.gaps.n)",
    [
      "series integral(shop.gaps.n)",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n,integral=1} number 0 1 null null 5 10 null",
    ],
  ],
  [
    "an absolute value is positive",
    "absolute(shop.b.n)",
    [
      "series absolute(shop.b.n)",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.b.n,absolute=1} number 0 1.5 null 1e+300 4 null 5e-324",
    ],
  ],
  [
    "an inverse of zero is null",
    "invert(shop.gaps.n)",
    [
      "series invert(shop.gaps.n)",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n,invert=1} number null 1 null null 0.25 0.2 null",
    ],
  ],
  [
    "a logarithm of zero is null",
    "log(shop.gaps.n, 2)",
    [
      "series log(shop.gaps.n, 2)",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n,log=2} number null 0 null null 2 2.321928094887362 null",
    ],
  ],
  [
    "a power that is too large is null",
    "pow(shop.b.n, 2)",
    [
      "series pow(shop.b.n,2)",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.b.n,pow=2.0} number 0 2.25 null null 16 null 0",
    ],
  ],
  [
    "missing points are filled with the value before",
    "keepLastValue(shop.gaps.n)",
    [
      "series keepLastValue(shop.gaps.n)",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n} number 0 1 1 1 4 5 5",
    ],
  ],
  [
    "missing points are filled with a number",
    "transformNull(shop.gaps.n, -1)",
    [
      "series transformNull(shop.gaps.n,-1)",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n,transformNull=-1.0} number 0 1 -1 -1 4 5 -1",
    ],
  ],
  [
    "missing points are filled along a line",
    "interpolate(shop.gaps.n)",
    [
      "series interpolate(shop.gaps.n)",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n} number 0 1 2 3 4 5 null",
    ],
  ],
  [
    "a summary has the times of its intervals",
    "summarize(shop.gaps.n, '1h', 'sum')",
    [
      'series summarize(shop.gaps.n, "1h", "sum")',
      "time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n,summarize=1h,summarizeFunction=sum} number 1 null 9 null",
    ],
  ],
  [
    "a summary takes minutes as Grafana writes them",
    "summarize(shop.gaps.n, '60m', 'max')",
    [
      'series summarize(shop.gaps.n, "60min", "max")',
      "time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n,summarize=60min,summarizeFunction=max} number 1 null 5 null",
    ],
  ],
  [
    "a summary takes the interval of the panel",
    { text: "summarize(shop.gaps.n, '$__interval', 'max')", intervalMs: 3_600_000 },
    [
      'series summarize(shop.gaps.n, "1h", "max")',
      "time time 2024-03-31T00:00Z 2024-03-31T01:00Z 2024-03-31T02:00Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n,summarize=1h,summarizeFunction=max} number 1 null 5 null",
    ],
  ],
  [
    "a moving average takes a duration",
    "movingAverage(shop.gaps.n, '1h')",
    [
      'series movingAverage(shop.gaps.n,"1h")',
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n,movingAverage=1h} number null 0 0.5 1 null 4 4.5",
    ],
  ],
  [
    "percentiles are constant lines",
    "nPercentile(shop.a.n, 50)",
    [
      "series nPercentile(shop.a.n, 50)",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.a.n,nPercentile=50.0} number 3 3 3 3 3 3 3",
    ],
  ],
  [
    "a limit keeps the first series",
    "limit(sortByMaxima(shop.{a,gaps}.n), 1)",
    [
      "series shop.a.n",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.a.n} number 0 1 2 3 4 5 6",
    ],
  ],
  [
    "a filter by value keeps series",
    "maximumAbove(shop.{a,gaps}.n, 5)",
    [
      "series shop.a.n",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.a.n} number 0 1 2 3 4 5 6",
    ],
  ],
  [
    "a constant line has points at the begin, in the middle and at the end",
    "constantLine(3.5)",
    [
      "series 3.5",
      "time time 2024-03-30T23:59:59Z 2024-03-31T01:29:59Z 2024-03-31T02:59:59Z",
      "value{name=3.5} number 3.5 3.5 3.5",
    ],
  ],
  [
    "a threshold has its label",
    "threshold(1, 'limit')",
    [
      "series limit",
      "time time 2024-03-30T23:59:59Z 2024-03-31T01:29:59Z 2024-03-31T02:59:59Z",
      "value{name=1.0} number 1 1 1",
    ],
  ],
  [
    "a shift by a day is another range",
    { text: "timeShift(shop.a.n, '210d')", range: AUTUMN },
    [
      'series timeShift(shop.a.n, "-210d")',
      "time time 2024-10-26T23:00Z 2024-10-26T23:30Z 2024-10-27T00:00Z 2024-10-27T00:30Z 2024-10-27T01:00Z 2024-10-27T01:30Z 2024-10-27T02:00Z 2024-10-27T02:30Z 2024-10-27T03:00Z",
      "value{name=shop.a.n,timeShift=-210d} number null null 0 1 2 3 4 5 6",
    ],
  ],
  [
    "the hours of a night with a doubled hour are hours of UTC",
    { text: "summarize(autumn.n, '1h', 'sum')", range: AUTUMN },
    [
      'series summarize(autumn.n, "1h", "sum")',
      "time time 2024-10-26T23:00Z 2024-10-27T00:00Z 2024-10-27T01:00Z 2024-10-27T02:00Z 2024-10-27T03:00Z",
      "value{name=autumn.n,summarize=1h,summarizeFunction=sum} number 1 5 9 13 null",
    ],
  ],
  [
    "days of a summary begin at the midnight of UTC",
    { text: "summarize(autumn.n, '1d', 'count')", range: AUTUMN },
    [
      'series summarize(autumn.n, "1d", "count")',
      "time time 2024-10-26T00:00Z 2024-10-27T00:00Z",
      "value{name=autumn.n,summarize=1d,summarizeFunction=count} number 2 6",
    ],
  ],
  [
    "fewer points than the panel has pixels are not consolidated",
    { text: "autumn.n", range: AUTUMN },
    [
      "series autumn.n",
      "time time 2024-10-26T23:00Z 2024-10-26T23:30Z 2024-10-27T00:00Z 2024-10-27T00:30Z 2024-10-27T01:00Z 2024-10-27T01:30Z 2024-10-27T02:00Z 2024-10-27T02:30Z 2024-10-27T03:00Z",
      "value{name=autumn.n} number 0 1 2 3 4 5 6 7 null",
    ],
  ],
  [
    "more points than the panel has pixels are consolidated",
    { text: "consolidateBy(shop.a.n, 'max')", target: { maxDataPoints: 2 } },
    [
      'series consolidateBy(shop.a.n,"max")',
      "time time 2024-03-31T02:00Z",
      "value{name=shop.a.n,consolidateBy=max} number 6",
    ],
  ],
  [
    "the full text wins over the text",
    { text: "shop.a.n", target: { targetFull: "alias(shop.gaps.n, 'full')" } },
    [
      "series full",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n} number 0 1 null null 4 5 null",
    ],
  ],
  [
    "a reference to itself is refused",
    "sumSeries(#A)",
    ["error 400: the query refers to #A, but the references form a circle, or are too many"],
  ],
  [
    "a reference to an unknown query is refused",
    "sumSeries(#B)",
    ["error 400: the query refers to #B, but there is no such query"],
  ],
  [
    "a single value is inserted into the path",
    { text: "shop.$x.n", variables: { x: "gaps" } },
    [
      "series shop.gaps.n",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n} number 0 1 null null 4 5 null",
    ],
  ],
  [
    "several values are a list of the path",
    { text: "aliasByNode(shop.$x.n, 1)", variables: { x: ["a", "gaps"] } },
    [
      "series a",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.a.n} number 0 1 2 3 4 5 6",
      "series gaps",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n} number 0 1 null null 4 5 null",
    ],
  ],
  [
    "the text of All is inserted unchanged",
    { text: "aliasByNode(shop.$x.n, 1)", variables: { x: ["{a,gaps}"] }, verbatim: ["x"] },
    [
      "series a",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.a.n} number 0 1 2 3 4 5 6",
      "series gaps",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n} number 0 1 null null 4 5 null",
    ],
  ],
  [
    "a value in quotes is inserted",
    { text: "alias(shop.gaps.n, '$x')", variables: { x: "é b" } },
    [
      "series é b",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n} number 0 1 null null 4 5 null",
    ],
  ],
  [
    "an unknown function is named",
    "nothing(shop.a.n)",
    [
      'error 400: the data source answered 400 Bad Request: Invalid parameters (Received request for unknown function: nothing); targets: "nothing(shop.a.n)"',
    ],
  ],
  [
    "a missing argument is named",
    "scale(shop.a.n)",
    [
      "error 502: the data source answered 500 Internal Server Error; Graphite does so for wrong arguments of a function: check the target",
    ],
  ],
  [
    "an argument of another type is named",
    "scale(shop.a.n, 'x')",
    [
      "error 502: the data source answered 500 Internal Server Error; Graphite does so for wrong arguments of a function: check the target",
    ],
  ],
  [
    "an unfinished call is named",
    "scale(shop.a.n, 2",
    ["error 400: the target has 1 more opening than closing parentheses: write ) after each call"],
  ],
  [
    "an unfinished literal is named",
    "alias(shop.a.n, 'x)",
    ["error 400: the target has a text that does not end: write ' after it"],
  ],
  [
    "a path to another folder is refused by Graphite",
    "../../etc/*",
    [
      "error 502: the data source answered 500 Internal Server Error; Graphite does so for wrong arguments of a function: check the target",
    ],
  ],
  ["a NUL character is part of no name", "shop.\u0000.n", []],
  [
    "a very deep call is refused by Graphite",
    `${"scale(".repeat(300)}shop.a.n${", 1)".repeat(300)}`,
    [
      "error 502: the data source answered 500 Internal Server Error; Graphite does so for wrong arguments of a function: check the target",
    ],
  ],
  [
    "HTML in a name stays a text",
    "alias(shop.gaps.n, '<b>x</b>')",
    [
      "series <b>x</b>",
      "time time 2024-03-31T00:00Z 2024-03-31T00:30Z 2024-03-31T01:00Z 2024-03-31T01:30Z 2024-03-31T02:00Z 2024-03-31T02:30Z 2024-03-31T03:00Z",
      "value{name=shop.gaps.n} number 0 1 null null 4 5 null",
    ],
  ],
];

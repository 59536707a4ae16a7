/** Settings of a test file and of its test. */
interface ScenarioOptions {
  /** Interval of the samples. */
  readonly interval?: string;
  readonly evaluationInterval?: string;
  readonly order?: readonly string[];
  readonly fuzzy?: boolean;
  readonly externalLabels?: Readonly<Record<string, string>>;
  readonly externalUrl?: string;
}

/** A unit test of rules: its name, settings, rule file, series with their values, and what is asked at which time. */
export type Scenario = readonly [
  name: string,
  options: ScenarioOptions,
  rules: string,
  series: readonly (readonly [series: string, values: string])[],
  alerts: readonly (readonly [evalTime: string, alertname: string])[],
  expressions: readonly (readonly [expr: string, evalTime: string])[],
];

const oneGroup = (rules: readonly string[], settings = ""): string =>
  `groups:\n- name: g\n${settings}  rules:\n${rules.map((rule) => `  - ${rule}\n`).join("")}`;

/** Each scenario is a test without expected results, and a test that expects the results of the original. */
export const scenarios: readonly Scenario[] = [
  [
    "a recording rule",
    {},
    oneGroup(["{record: a:b, expr: 'sum(m) by (job)'}"]),
    [
      ['m{job="x", i="1"}', "1+1x10"],
      ['m{job="x", i="2"}', "0x10"],
    ],
    [],
    [
      ["a:b", "4m"],
      ["m", "10m"],
    ],
  ],
  [
    "labels of a recording rule replace and remove labels",
    {},
    oneGroup(["{record: r, expr: m, labels: {job: new, i: '', team: t}}"]),
    [['m{job="x", i="1"}', "7x5"]],
    [],
    [["r", "3m"]],
  ],
  [
    "a chain of recording rules",
    {},
    oneGroup(["{record: one, expr: m}", "{record: two, expr: one * 2}", "{record: three, expr: two + one}"]),
    [["m", "0+3x5"]],
    [],
    [
      ["three", "2m"],
      ["three", "5m"],
    ],
  ],
  [
    "an alert after for",
    {},
    oneGroup([
      "{alert: A, expr: m > 2, for: 2m, labels: {severity: page}, annotations: {v: '{{ $value }} on {{ $labels.i }}'}}",
    ]),
    [['m{i="1"}', "0+1x9"]],
    [
      ["4m", "A"],
      ["5m", "A"],
      ["9m", "A"],
    ],
    [
      ["ALERTS", "4m"],
      ["ALERTS", "6m"],
      ["ALERTS_FOR_STATE", "6m"],
    ],
  ],
  [
    "an alert that keep_firing_for keeps",
    {},
    oneGroup(["{alert: A, expr: m > 0, keep_firing_for: 3m}"]),
    [["m", "1 1 0 0 0 0 0 0"]],
    [
      ["1m", "A"],
      ["3m", "A"],
      ["5m", "A"],
      ["6m", "A"],
    ],
    [["ALERTS", "4m"]],
  ],
  [
    "for and keep_firing_for together",
    {},
    oneGroup(["{alert: A, expr: m > 0, for: 1m, keep_firing_for: 2m}"]),
    [["m", "1 1 1 0 1 0 0 0 0"]],
    [
      ["2m", "A"],
      ["3m", "A"],
      ["5m", "A"],
      ["7m", "A"],
      ["8m", "A"],
    ],
    [["count_over_time(ALERTS[10m])", "8m"]],
  ],
  [
    "stale samples and gaps",
    {},
    oneGroup(["{record: r, expr: m}"]),
    [["m", "1 2 stale _ _ 4 _x6 5"]],
    [],
    [
      ["r", "1m"],
      ["r", "2m"],
      ["r", "5m"],
      ["r", "9m"],
      ["r", "11m"],
      ["count_over_time(r[20m])", "12m"],
    ],
  ],
  [
    "repeated and falling values",
    {},
    oneGroup(["{record: r, expr: m - n}"]),
    [
      ["m", "5x3 10-2x4"],
      ["n", "1.5+0.25x8"],
    ],
    [],
    [
      ["r", "0m"],
      ["r", "6m"],
      ["m", "8m"],
    ],
  ],
  [
    "special values",
    {},
    oneGroup(["{record: r, expr: m}"]),
    [
      ['m{k="inf"}', "Inf"],
      ['m{k="ninf"}', "-Inf"],
      ['m{k="e"}', "1e-9"],
    ],
    [],
    [
      ["r", "0m"],
      ["m > 1", "0m"],
    ],
  ],
  [
    "native histograms",
    {},
    oneGroup(["{record: r, expr: 'sum(h)'}", "{record: q, expr: 'histogram_sum(h) / 5'}"]),
    [
      ['h{i="1"}', "{{schema:0 sum:5 count:4 buckets:[1 2 1]}}x5"],
      ['h{i="2"}', "{{schema:0 sum:10 count:8 buckets:[2 4 2]}}x5"],
    ],
    [],
    [
      ["r", "2m"],
      ["q", "2m"],
      ["histogram_count(r)", "2m"],
    ],
  ],
  [
    "classic histograms",
    {},
    oneGroup(["{record: q, expr: 'histogram_quantile(0.9, sum by (le) (rate(b[5m])))'}"]),
    [
      ['b{le="0.1"}', "0+1x10"],
      ['b{le="1"}', "0+3x10"],
      ['b{le="+Inf"}', "0+4x10"],
    ],
    [],
    [
      ["q", "5m"],
      ["q", "10m"],
    ],
  ],
  [
    "a scalar result",
    {},
    oneGroup(["{record: r, expr: scalar(m) + 1}"]),
    [["m", "4x4"]],
    [],
    [
      ["scalar(m)", "1m"],
      ["r", "2m"],
      ["time()", "2m"],
      ["1 + 1", "0m"],
    ],
  ],
  [
    "an interval of samples and an interval of evaluations",
    { interval: "30s", evaluationInterval: "15s" },
    oneGroup(["{record: r, expr: 'count_over_time(m[1m])'}"]),
    [["m", "1x20"]],
    [],
    [
      ["r", "1m"],
      ["r", "1m15s"],
      ["r", "1m30s"],
    ],
  ],
  [
    "an order of groups",
    { order: ["second", "first"] },
    "groups:\n- name: first\n  rules:\n  - {record: r1, expr: r2 + 1}\n- name: second\n  rules:\n  - {record: r2, expr: m}\n",
    [["m", "0+10x5"]],
    [],
    [
      ["r1", "2m"],
      ["r2", "2m"],
    ],
  ],
  [
    "labels of a group",
    {},
    oneGroup(
      ["{record: r, expr: m}", "{record: s, expr: m, labels: {team: own}}", "{alert: A, expr: m > 0}"],
      "  labels: {team: group}\n",
    ),
    [["m", "1x3"]],
    [["1m", "A"]],
    [
      ["r", "1m"],
      ["s", "1m"],
    ],
  ],
  [
    "an offset of queries",
    {},
    oneGroup(["{record: r, expr: m}"], "  query_offset: 2m\n"),
    [["m", "0+1x9"]],
    [],
    [
      ["r", "5m"],
      ["timestamp(r)", "5m"],
    ],
  ],
  [
    "external labels in templates",
    { externalLabels: { dc: "eu", region: "r 1" }, externalUrl: "https://m.example/p" },
    oneGroup([
      "{alert: A, expr: m > 0, labels: {dc: '{{ $externalLabels.dc }}'}, annotations: {a: '{{ .ExternalLabels.region }}', u: '{{ $externalURL }}', none: '{{ $externalLabels.none }}'}}",
    ]),
    [["m", "1x3"]],
    [["1m", "A"]],
    [],
  ],
  [
    "functions for numbers in templates",
    {},
    oneGroup([
      "{alert: A, expr: m > 0, annotations: {h: '{{ humanize $value }}', k: '{{ humanize1024 $value }}', d: '{{ humanizeDuration $value }}', p: '{{ humanizePercentage $value }}', t: '{{ humanizeTimestamp $value }}', f: '{{ printf \"%.2f|%e|%5.1f|%v\" $value $value $value $value }}'}}",
    ]),
    [
      ['m{i="1"}', "93784.5x3"],
      ['m{i="2"}', "0.00123x3"],
      ['m{i="3"}', "1234567x3"],
    ],
    [["1m", "A"]],
    [],
  ],
  [
    "functions for texts in templates",
    {},
    oneGroup([
      "{alert: A, expr: m > 0, annotations: {a: '{{ $labels.i | toUpper }}', b: '{{ title $labels.job }}', c: '{{ reReplaceAll \"(.*):.*\" \"$1\" $labels.i }}', d: '{{ match \"^h\" $labels.i }}', e: '{{ stripPort $labels.i }}', f: '{{ stripDomain $labels.i }}', g: '{{ toLower \"ABC\" }}'}}",
    ]),
    [['m{i="host.example.org:9100", job="two words"}', "1x3"]],
    [["1m", "A"]],
    [],
  ],
  [
    "queries in templates",
    {},
    oneGroup([
      '{alert: A, expr: sum(m) > 0, annotations: {n: \'{{ with query "topk(1, m)" }}{{ . | first | value }}{{ end }}\', l: \'{{ range query "m" | sortByLabel "i" }}{{ .Labels.i }}={{ .Value }} {{ end }}\', e: \'{{ with query "absent_metric" }}x{{ else }}none{{ end }}\'}}',
    ]),
    [
      ['m{i="b"}', "2x3"],
      ['m{i="a"}', "1x3"],
    ],
    [["2m", "A"]],
    [],
  ],
  [
    "conditions and variables in templates",
    {},
    oneGroup([
      "{alert: A, expr: m > 0, annotations: {a: '{{ if gt $value 5.0 }}high{{ else if gt $value 2.0 }}middle{{ else }}low{{ end }}', b: '{{ $x := $labels.i }}{{ $x }}{{ $x }}', c: '{{ len $labels.i }} {{ eq $labels.i \"a\" }} {{ and true false }} {{ not true }}', d: '{{- \" trimmed \" -}}', e: '{{/* nothing */}}x'}}",
    ]),
    [
      ['m{i="a"}', "1x3"],
      ['m{i="b"}', "3x3"],
      ['m{i="c"}', "9x3"],
    ],
    [["1m", "A"]],
    [],
  ],
  [
    "a template that fails when it runs",
    {},
    oneGroup([
      '{alert: A, expr: m > 0, labels: {l: \'{{ query "sum(" }}\'}, annotations: {a: \'{{ query "m" | first | value | parseDuration }}\', b: \'{{ with query "none" }}{{ end }}{{ query "none" | first }}\'}}',
    ]),
    [["m", "1x3"]],
    [["1m", "A"]],
    [],
  ],
  [
    "labels that templates change",
    {},
    oneGroup([
      "{alert: A, expr: m > 0, labels: {i: '', level: '{{ if gt $value 1.0 }}high{{ end }}', job: 'x-{{ $labels.job }}'}}",
    ]),
    [
      ['m{i="1", job="j"}', "1x3"],
      ['m{i="2", job="k"}', "2x3"],
    ],
    [["1m", "A"]],
    [],
  ],
  [
    "two alerts of one name",
    {},
    oneGroup([
      "{alert: A, expr: m > 0, labels: {severity: warning}}",
      "{alert: A, expr: m > 1, labels: {severity: critical}}",
    ]),
    [["m", "0 1 2 3"]],
    [
      ["0m", "A"],
      ["1m", "A"],
      ["2m", "A"],
    ],
    [["count(ALERTS)", "3m"]],
  ],
  [
    "no alert",
    {},
    oneGroup(["{alert: A, expr: m > 100}"]),
    [["m", "1x5"]],
    [
      ["3m", "A"],
      ["3m", "Unknown"],
    ],
    [["absent(ALERTS)", "3m"]],
  ],
  [
    "an alert on a missing series",
    {},
    oneGroup(["{alert: Gone, expr: 'absent(up{job=\"x\"})', for: 1m}"]),
    [['up{job="x"}', "1 1 stale"]],
    [
      ["1m", "Gone"],
      ["3m", "Gone"],
      ["4m", "Gone"],
    ],
    [],
  ],
  [
    "rates and increases",
    {},
    oneGroup(["{record: r, expr: 'rate(c[2m])'}", "{record: i, expr: 'increase(c[3m])'}"]),
    [["c", "0+60x5 0+30x5"]],
    [],
    [
      ["r", "3m"],
      ["r", "6m"],
      ["i", "7m"],
      ["r", "10m"],
    ],
  ],
  [
    "subqueries and offsets",
    {},
    oneGroup(["{record: r, expr: 'max_over_time(sum(m)[5m:1m])'}"]),
    [["m", "0 5 3 9 1 1 1 1 1 1 1"]],
    [],
    [
      ["r", "4m"],
      ["r", "9m"],
      ["m offset 2m", "5m"],
      ["m @ 180", "9m"],
      ["m @ end()", "4m"],
    ],
  ],
  [
    "vector matching",
    {},
    oneGroup(["{record: r, expr: 'a / on (i) group_left(zone) b'}"]),
    [
      ['a{i="1", k="x"}', "10x3"],
      ['a{i="1", k="y"}', "20x3"],
      ['b{i="1", zone="z"}', "5x3"],
    ],
    [],
    [
      ["r", "1m"],
      ["a unless on (i) b", "1m"],
      ["a and on (i) b", "1m"],
      ["a or b", "1m"],
    ],
  ],
  [
    "predictions",
    {},
    oneGroup(["{alert: Full, expr: 'predict_linear(free[10m], 600) < 0', for: 1m}"]),
    [["free", "100-10x12"]],
    [
      ["3m", "Full"],
      ["8m", "Full"],
    ],
    [["deriv(free[5m])", "6m"]],
  ],
  [
    "values of one ulp are equal with fuzzy_compare",
    { fuzzy: true },
    oneGroup(["{record: r, expr: m * 0.1}"]),
    [["m", "3x3"]],
    [],
    [
      ["r", "1m"],
      ["m / 10", "1m"],
    ],
  ],
  [
    "an alert with a query offset",
    {},
    oneGroup(["{alert: A, expr: m > 2, for: 1m}"], "  query_offset: 1m\n"),
    [["m", "0+1x9"]],
    [
      ["3m", "A"],
      ["4m", "A"],
      ["5m", "A"],
      ["6m", "A"],
    ],
    [],
  ],
  [
    "functions over time",
    {},
    oneGroup(["{record: r, expr: 'quantile_over_time(0.5, m[5m])'}"]),
    [["m", "1 5 2 8 3 9 4"]],
    [],
    [
      ["r", "5m"],
      ["stddev_over_time(m[6m])", "6m"],
      ["changes(m[6m])", "6m"],
      ["resets(m[6m])", "6m"],
      ["last_over_time(m[1m])", "6m"],
    ],
  ],
  [
    "label functions",
    {},
    oneGroup(['{record: r, expr: \'label_replace(m, "host", "$1", "i", "(.*):.*")\'}']),
    [
      ['m{i="h:1"}', "1x2"],
      ['m{i="none"}', "2x2"],
    ],
    [],
    [
      ["r", "1m"],
      ['label_join(m, "j", "-", "i", "i")', "1m"],
      ['count_values("v", m)', "1m"],
    ],
  ],
  [
    "top and bottom",
    {},
    oneGroup(["{record: r, expr: 'topk(2, m)'}"]),
    [
      ['m{i="1"}', "1x2"],
      ['m{i="2"}', "5x2"],
      ['m{i="3"}', "3x2"],
    ],
    [],
    [
      ["r", "1m"],
      ["bottomk(1, m)", "1m"],
      ["quantile(0.5, m)", "1m"],
      ["sort_desc(m)", "1m"],
    ],
  ],
  [
    "times of the clock",
    {},
    oneGroup(["{record: r, expr: 'hour()'}", "{alert: A, expr: 'minute() == 2', annotations: {n: '{{ $value }}'}}"]),
    [["m", "1x3"]],
    [
      ["2m", "A"],
      ["3m", "A"],
    ],
    [
      ["r", "1m"],
      ["day_of_week(vector(0))", "0m"],
      ["minute()", "3m"],
    ],
  ],
  [
    "names in quotes",
    {},
    oneGroup(['{record: r, expr: \'{"metric.with.dots", "label.a"="x"}\'}']),
    [['{"metric.with.dots", "label.a"="x"}', "3x3"]],
    [],
    [
      ["r", "1m"],
      ['{"metric.with.dots"}', "1m"],
    ],
  ],
  [
    "regular expressions",
    {},
    oneGroup(['{record: r, expr: \'sum({__name__=~"m.*", i!~"b|c"})\'}']),
    [
      ['m1{i="a"}', "1x2"],
      ['m2{i="b"}', "2x2"],
      ['m3{i="d"}', "4x2"],
    ],
    [],
    [
      ["r", "1m"],
      ['{__name__=~"m[12]"}', "1m"],
    ],
  ],
  [
    "several series of one name",
    {},
    oneGroup(["{alert: A, expr: m > 1, annotations: {s: 'is {{ $value }}'}}"]),
    [
      ['m{i="1"}', "0+1x4"],
      ['m{i="2"}', "1+1x4"],
      ['m{i="3", z=""}', "4-1x4"],
    ],
    [
      ["1m", "A"],
      ["2m", "A"],
      ["4m", "A"],
    ],
    [['ALERTS{i="2"}', "2m"]],
  ],
];

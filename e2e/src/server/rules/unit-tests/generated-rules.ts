import type { Random } from "../../../support/random.ts";

const MINUTES_OF_DAY = 24 * 60;
const JOBS = ["api", "web", "batch"];
const INSTANCES = ["a", "b", "c", "d"];

/** Returns the values of a series: a random walk with gaps, ends and resets. */
function valuesOf(random: Random, isCounter: boolean, count: number): string {
  const values: string[] = [];
  let value = isCounter ? 0 : random.below(100);
  while (values.length < count) {
    const kind = random.below(100);
    if (kind < 2) values.push(`_x${1 + random.below(8)}`);
    else if (kind < 3) values.push("stale");
    else if (isCounter && kind < 4) values.push(String((value = 0)));
    else if (isCounter) values.push(String((value += random.below(30))));
    else values.push(String((value = Math.max(0, value + random.below(21) - 10))));
  }
  return values.join(" ");
}

/**
 * Returns input series for a test: gauges, counters and a classic histogram.
 *
 * @param count number of values, by default one for each minute of a day
 */
export function generatedSeries(random: Random, count = MINUTES_OF_DAY): (readonly [series: string, values: string])[] {
  const series: (readonly [string, string])[] = [];
  for (const job of JOBS) {
    for (const instance of INSTANCES) {
      const labels = `job="${job}", instance="${instance}"`;
      series.push(
        [`level{${labels}}`, valuesOf(random, false, count)],
        [`limit{${labels}}`, valuesOf(random, false, count)],
      );
      series.push([`done_total{${labels}}`, valuesOf(random, true, count)]);
    }
    for (const le of ["1", "5", "+Inf"])
      series.push([`took_bucket{job="${job}", le="${le}"}`, valuesOf(random, true, count)]);
  }
  return series;
}

/** Returns the values of a series of a day: a value for each quarter of an hour, with pauses. */
export function steppedValues(random: Random, isCounter: boolean): string {
  let value = random.below(100);
  const quarters = Array.from({ length: (MINUTES_OF_DAY / 60) * 4 }, () => {
    if (random.chance(5)) return "stale _x14";
    if (!isCounter) return `${random.below(120)}x14`;
    const step = random.below(10);
    value += step * 15;
    return `${value - step * 15}+${step}x14`;
  });
  return quarters.join(" ");
}

/** Durations of generated rules, and which recorded series a rule may read. */
interface RulesStyle {
  readonly ranges: readonly string[];
  /** Step of a subquery. */
  readonly step: string;
  /** Values of the field `for`. */
  readonly waits: readonly string[];
  /** Values of the field `keep_firing_for`. */
  readonly keeps: readonly string[];
  /** Whether a rule reads series only of rules of its own group, which are evaluated before. */
  readonly readsOwnGroup: boolean;
}

/** Rules for a day of test time. */
const DAY_STYLE: RulesStyle = {
  ranges: ["5m", "10m", "30m", "1h"],
  step: "5m",
  waits: ["0m", "5m", "15m", "1h"],
  keeps: ["0m", "0m", "10m"],
  readsOwnGroup: false,
};

/** Returns an expression whose results are exact, so that each program prints the same digits. */
function expressionOf(random: Random, recorded: readonly string[], { ranges, step }: RulesStyle): string {
  const matcher = random.pick(["", `{job="${random.pick(JOBS)}"}`, '{instance=~"a|b"}', '{job!="web"}', '{zone=""}']);
  const range = random.pick(ranges);
  const gauge = `${random.pick(["level", "limit"])}${matcher}`;
  const counter = `done_total${matcher}`;
  const made = recorded.length > 0 && random.chance(30) ? random.pick(recorded) : gauge;
  return random.pick([
    made,
    `sum by (job) (${made})`,
    `max without (instance) (${gauge})`,
    `count(${gauge} > 50)`,
    `${random.pick(["max", "min", "sum", "count", "last"])}_over_time(${gauge}[${range}])`,
    `changes(${gauge}[${range}])`,
    `resets(${counter}[${range}])`,
    `increase(${counter}[${range}])`,
    `sum by (job) (rate(${counter}[${range}]))`,
    `idelta(${gauge}[${range}])`,
    `${gauge} - ${gauge} offset ${range}`,
    `level${matcher} / on (job, instance) limit${matcher}`,
    `level${matcher} unless on (instance) limit{job="api"}`,
    `level${matcher} and on (job) (sum by (job) (limit) > 100)`,
    `${made} or vector(1)`,
    `absent(level{instance="${random.pick([...INSTANCES, "none"])}"})`,
    `label_replace(${gauge}, "place", "$1-x", "instance", "(.*)")`,
    `max_over_time(sum by (job) (${gauge})[${range}:${step}])`,
    `histogram_quantile(0.5, sum by (job, le) (rate(took_bucket[${ranges[1]!}])))`,
    `quantile(0.5, ${gauge})`,
    `count_values("value", round(${gauge}, 50))`,
    `hour() + minute()`,
    `timestamp(${gauge}) % 1000`,
    `clamp_max(${gauge}, 20)`,
  ]);
}

/** A text with templates for a label or an annotation. */
const templateOf = (random: Random): string =>
  random.pick([
    "{{ $value }}",
    "{{ $labels.job }} on {{ $labels.instance }}",
    "{{ printf `%.3f` $value }}",
    "{{ humanize $value }}",
    "{{ if gt $value 40.0 }}high{{ else }}low{{ end }}",
    "{{ range query `sum by (job) (level)` | sortByLabel `job` }}{{ .Labels.job }}={{ .Value }} {{ end }}",
    "{{ with query `count(limit)` }}{{ . | first | value }}{{ end }}",
    "fixed",
  ]);

/** Returns a file of rule groups, and the names of its alerts. */
export function generatedRules(
  random: Random,
  count: number,
  style = DAY_STYLE,
): { readonly text: string; readonly alerts: string[] } {
  const lines = ["groups:"];
  const alerts: string[] = [];
  const recorded: string[] = [];
  for (let rule = 0; rule < count; rule++) {
    if (rule % 10 === 0 && style.readsOwnGroup) recorded.length = 0;
    if (rule % 10 === 0) lines.push(`- name: g${rule / 10}`, ...(random.chance(20) ? ["  limit: 5"] : []), "  rules:");
    const expr = `'${expressionOf(random, recorded, style)}'`;
    if (random.chance(50)) {
      const name = `recorded_${rule}`;
      lines.push(`  - {record: ${name}, expr: ${expr}, labels: {rule: r${rule % 7}}}`);
      recorded.push(name);
      continue;
    }
    const name = `Alert${rule}`;
    alerts.push(name);
    const above = `'(${expr.slice(1, -1)}) > ${random.pick([0, 10, 50, 90])}'`;
    const wait = random.pick(style.waits);
    const keep = random.pick(style.keeps);
    const texts = `labels: {severity: page, l: '${templateOf(random)}'}, annotations: {a: '${templateOf(random)}'}`;
    // A label that changes with the value makes a new alert for each value.
    lines.push(`  - {alert: ${name}, expr: ${above}, for: ${wait}, keep_firing_for: ${keep}, ${texts}}`);
  }
  return { text: `${lines.join("\n")}\n`, alerts };
}

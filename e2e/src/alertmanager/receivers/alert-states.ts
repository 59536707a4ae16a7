import { Random } from "../../support/random.ts";

/** A posted alert. */
export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly generatorURL?: string;
  readonly startsAt: string;
  readonly endsAt: string;
}

/**
 * A group of alerts for the test. Each element of `resolves` lists the indexes of the alerts that end in one step of
 * the test.
 */
export interface AlertState {
  readonly name: string;
  readonly alerts: readonly Omit<PostedAlert, "startsAt" | "endsAt">[];
  readonly resolves: readonly (readonly number[])[];
}

/** A text with characters that have a meaning in HTML, JSON, URLs, YAML or Markdown. */
const AWKWARD = "a <b> & \"c\" 'd' \\ é € 𝛂 { x }} %20 #1 a: b - [y] `z` *s* _u_ ~ \u2028 \t|\r\nend";

const long = (words: string, length: number): string => words.repeat(Math.ceil(length / words.length)).slice(0, length);

/** Groups of alerts; each test receiver is notified about each group. */
export const ALERT_STATES: readonly AlertState[] = [
  {
    name: "one",
    alerts: [
      {
        labels: { alertname: "A b", i: "1", severity: "critical" },
        annotations: { summary: "x <b> & é" },
        generatorURL: "http://g/x?y=1&z=2",
      },
    ],
    resolves: [[0]],
  },
  {
    name: "several",
    alerts: [
      { labels: { alertname: "Several", instance: "b:1", job: "j", severity: "warning" }, annotations: { s: "one" } },
      { labels: { alertname: "Several", instance: "a:1", job: "j", severity: "critical" }, annotations: { s: "two" } },
      { labels: { alertname: "Several", instance: "c:1", severity: "info", "10": "x", "9": "y" } },
    ],
    resolves: [[1], [0, 2]],
  },
  {
    name: "awkward",
    alerts: [
      {
        labels: { alertname: `Awkward ${AWKWARD}`, path: "/a/b?c=d", number: "0x1f", yes: "yes", none: "null" },
        annotations: { summary: AWKWARD, description: `${AWKWARD}\n\n  ${AWKWARD}`, empty: "" },
        generatorURL: "http://g/graph?g0.expr=a%7Bb%3D%22c%22%7D&g0.tab=1",
      },
    ],
    resolves: [[0]],
  },
  {
    name: "long",
    alerts: [
      {
        labels: { alertname: `Long ${long("label é ", 1500)}`, severity: "critical" },
        annotations: { summary: long("an annotation with ünïcödé 𝛂𝛃 ", 40_000) },
        generatorURL: `http://g/${long("path", 600)}`,
      },
    ],
    resolves: [[0]],
  },
  {
    name: "huge",
    alerts: [
      { labels: { alertname: "Huge", n: "1" }, annotations: { summary: long("huge é ", 200_000) } },
      { labels: { alertname: "Huge", n: "2" }, annotations: { summary: long("<&> ", 100_000) } },
    ],
    resolves: [[0, 1]],
  },
];

/**
 * Parts of random label values: characters that are difficult for templates, JSON, HTML, YAML, URLs and Go's order of
 * keys.
 */
const PIECES = [
  ..."a b B 1 09 _ - é ß 𝛂 \u0301 \u200b \u2029 < > & ' \" \\ / ? # % + = : ; , . * ~ ` | $ @ ! ( ) [ ] { } ^".split(
    " ",
  ),
  " ",
  "  ",
  "\n",
  "\t",
  "yes",
  "null",
  "1.50",
  "0x1f",
  "a: b",
  "- c",
  "&amp;",
  "</b>",
  "javascript:alert(1)",
  "http://h/?q=1&r=ü#f",
] as const;

const NAMES = ["instance", "job", "severity", "a", "a1", "a10", "a2", "A", "_x", "Zone", "team"] as const;

/**
 * Generates groups of a few alerts with random texts. In the first step some of the alerts end, in the second step the
 * others.
 */
export function randomStates(random: Random, count: number): readonly AlertState[] {
  // Returns a random text without `{{`. Alertmanager 0.33 renders alert texts in PagerDuty's details twice, so `{{`
  // would begin a template.
  const text = (): string =>
    Array.from({ length: 1 + random.below(8) }, () => random.pick(PIECES))
      .join("")
      .replaceAll(/\{(?=\{)/g, "{ ");
  const some = (): Record<string, string> => Object.fromEntries(random.some(NAMES).map((name) => [name, text()]));
  return Array.from({ length: count }, (_, i) => {
    const alertname = `Random ${i} ${text()}`;
    const alerts = Array.from({ length: 1 + random.below(4) }, (__, number) => ({
      labels: { ...some(), alertname, number: String(number) },
      annotations: some(),
      ...(random.chance(50) ? { generatorURL: `http://g/${encodeURI(text())}` } : {}),
    }));
    const all = alerts.map((__, number) => number);
    const first = random.some(all);
    const rest = all.filter((number) => !first.includes(number));
    return { name: `random ${i}`, alerts, resolves: rest.length > 0 ? [first, rest] : [first] };
  });
}

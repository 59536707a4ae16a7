/** An alert as it is posted. */
export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly generatorURL?: string;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** One group of alerts; `resolves` lists which of them end together, step by step. */
export interface AlertState {
  readonly name: string;
  readonly alerts: readonly Omit<PostedAlert, "startsAt" | "endsAt">[];
  readonly resolves: readonly (readonly number[])[];
}

/** Characters that mean something in HTML, JSON, URLs, YAML or Markdown. */
const AWKWARD = "a <b> & \"c\" 'd' \\ é € 𝛂 { x }} %20 #1 a: b - [y] `z` *s* _u_ ~ \u2028 \t|\r\nend";

const long = (words: string, length: number): string => words.repeat(Math.ceil(length / words.length)).slice(0, length);

/** What every receiver is told about. */
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
        annotations: { summary: AWKWARD, description: `${AWKWARD}\n\n  ${AWKWARD}` },
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
      { labels: { alertname: "Huge", n: "1" }, annotations: { summary: long("huge é ", 400_000) } },
      { labels: { alertname: "Huge", n: "2" }, annotations: { summary: long("<&> ", 300_000) } },
    ],
    resolves: [[0, 1]],
  },
];

import type { Random } from "../../support/random.ts";
import type { Request } from "./request.ts";

const NAMES = ["alertname", "severity", "inst", "team", "né", "a b", "zone", "job", "instance"];
const VALUES = [
  "A",
  "B",
  "critical",
  "warning",
  "a",
  "b",
  "x1",
  "x 2",
  "é",
  "<&>",
  'q"t',
  "back\\slash",
  "new\nline",
  "",
  "{}",
  "a,b",
  "😀",
];

const JSON_TYPE = { "content-type": "application/json" };

/**
 * Returns requests that create alerts and silences in all states. The original Alertmanager and ours get the same
 * requests.
 */
export function randomState(random: Random): Request[] {
  const requests: Request[] = [];
  for (let i = 0; i < 40; i++) {
    const labels: Record<string, string> = { alertname: random.pick(["A", "B", "C<&>"]), n: String(i) };
    for (const name of NAMES.slice(1)) if (random.chance(40)) labels[name] = random.pick(VALUES);
    // An alert has at most one of the label names `né` and `a b`. Both names are invalid in classic mode, and Alertmanager's error message contains a random one.
    if (labels["né"] !== undefined) delete labels["a b"];
    const annotations = random.chance(50) ? { summary: random.pick(VALUES), other: "<b>" } : {};
    const startsAt = random.chance(50) ? `202${random.below(6)}-01-01T00:00:00Z` : undefined;
    const endsAt = random.weighted<string | undefined>([
      [6, `2031-01-01T00:00:${10 + i}Z`],
      [2, undefined],
      [1, "2026-01-01T00:00:00Z"],
    ]);
    const generatorURL = random.chance(50) ? "http://p/graph?g0.expr=a%3Eb&x=<y>" : undefined;
    requests.push({
      path: "/api/v2/alerts",
      method: "POST",
      headers: JSON_TYPE,
      body: JSON.stringify([{ labels, annotations, startsAt, endsAt, generatorURL }]),
    });
  }
  for (let i = 0; i < 14; i++) {
    const matchers = Array.from({ length: 1 + random.below(2) }, () => ({
      name: random.pick(NAMES),
      value: random.pick(["A", "critical", "a", "a|b", ".+", "x.*", "é", "<&>"]),
      isRegex: random.chance(40),
      isEqual: random.chance(85),
    }));
    requests.push({
      path: "/api/v2/silences",
      method: "POST",
      headers: JSON_TYPE,
      body: JSON.stringify({
        matchers,
        startsAt: random.chance(60) ? "2020-01-01T00:00:00Z" : `203${random.below(3)}-01-01T00:00:${10 + i}Z`,
        endsAt: `2035-01-01T00:00:${10 + i}Z`,
        createdBy: random.pick(["me", "<you>", ""]),
        comment: random.pick(["", "c", "é <&>"]),
        ...(random.chance(30) ? { annotations: { ticket: random.pick(VALUES) } } : {}),
      }),
    });
  }
  return requests;
}

const WRITTEN_MATCHERS = [
  [
    "alertname=A",
    'alertname="A"',
    "alertname!=A",
    "alertname=~A|B",
    "alertname!~A",
    " alertname = A ",
    "alertname",
    "=A",
    "alertname=",
    "alertname=~(",
  ],
  [
    "{alertname=A}",
    "{alertname=A",
    "alertname=A}",
    "alertname=A,",
    "alertname=A,severity=critical",
    ",alertname=A",
    "",
    " ",
    "{}",
    ",",
    "a==b",
    "a=~=b",
  ],
  [
    '"a b"=A',
    'né="é"',
    "né=é",
    "a b=x",
    "é!=x",
    '"né"=~"."',
    "😀=1",
    "a.b=c",
    "a:b=c",
    "1a=b",
    "a=b c",
    'a="b',
    'a=b"',
    'a="b"c',
    "a='b'",
    "a=`b`",
  ],
  [
    'a="\\n"',
    'a="\\t"',
    'a="\\u00e9"',
    'a="\\x41"',
    "a=\\n",
    'a="\\q"',
    'a="\\"',
    'a="\\\\"',
    "a=\\",
    'team="q\\"t"',
    "team=back\\slash",
    'team="back\\\\slash"',
    "team=~back.*",
  ],
  [
    "a!b",
    "a~b",
    "a=!b",
    "a=~",
    'a=""',
    "zone=",
    'zone=""',
    'zone!=""',
    "zone=~.*",
    "zone!~.+",
    "severity=~^crit",
    "severity=~crit",
    "severity=~(?i)CRITICAL",
  ],
  [
    "a={b}",
    'a="{b}"',
    "a=b,,c=d",
    "a=b;c=d",
    "a=b\nc=d",
    "\ta=b",
    "a=<&>",
    "foo=bar=baz",
    "foo=~a{1,2}",
    "foo=[a]",
    "foo=(a",
    "a=\u0000",
    "a=b\u00a0",
    "__name__=x",
  ],
  [
    '{"a"}',
    '{a="b",}',
    "{,}",
    "{a=b}}",
    "a=b}c",
    'foo"bar=x',
    'x="\\xff"',
    "a\\b=c",
    "a==~b",
    "!a=b",
    "a! =b",
    "a =~ b",
    "a=~ b",
    "a= ~b",
    "a=b#c",
    "a=%zz",
    "a=é\u2028",
  ],
].flat();

const FLAGS = [
  "true",
  "false",
  "1",
  "0",
  "t",
  "T",
  "TRUE",
  "yes",
  "YES",
  "no",
  "on",
  "off",
  "x",
  "",
  "null",
  "ok",
  "y",
  "Y",
  "enabled",
  "selected",
  "2",
  " true",
];

const query = (path: string, pairs: readonly (readonly [string, string])[]): Request => ({
  path: `/api/v2/${path}?${new URLSearchParams(pairs as [string, string][]).toString()}`,
});

/** Requests that list alerts, groups or silences, with every kind of filter. */
export function filters(random: Random): Request[] {
  const some = (): string => random.pick(WRITTEN_MATCHERS);
  return [
    ...["alerts", "alerts/groups", "silences", "receivers"].map((path): Request => ({ path: `/api/v2/${path}` })),
    ...WRITTEN_MATCHERS.flatMap((matcher) => [
      query("alerts", [["filter", matcher]]),
      query("alerts/groups", [["filter", matcher]]),
      query("silences", [["filter", matcher]]),
      query("receivers", [["receiver_matchers", matcher]]),
      query("alerts", [["receiver_matchers", matcher]]),
      query("alerts/groups", [["receiver_matchers", matcher]]),
    ]),
    ...FLAGS.flatMap((flag) => [
      ...["active", "silenced", "inhibited", "unprocessed", "muted"].flatMap((name) => [
        query("alerts", [[name, flag]]),
        query("alerts/groups", [[name, flag]]),
      ]),
      query("alerts", [
        ["active", flag],
        ["active", "true"],
      ]),
    ]),
    ...[
      "default",
      "hook",
      "ho",
      ".*",
      "hook|muted",
      "",
      "(",
      "^hook$",
      "m.*",
      "HOOK",
      "(?i)HOOK",
      "team.<x>",
      "nope",
      "a{1001}",
      "a\u0000",
      "[",
      "\\",
      "é",
    ].flatMap((receiver) => [
      query("alerts", [["receiver", receiver]]),
      query("alerts/groups", [["receiver", receiver]]),
    ]),
    ...Array.from({ length: 60 }, () =>
      query(random.pick(["alerts", "alerts/groups"]), [
        ["filter", some()],
        ["filter", random.pick(["alertname=~A|B", "n=~.*", "severity!=x"])],
        ["silenced", random.pick(["true", "false"])],
        ["inhibited", random.pick(["true", "false"])],
        ["active", random.pick(["true", "false"])],
        ["receiver", random.pick(["", "hook", "default|muted"])],
      ]),
    ),
    ...[
      "active=true",
      "inhibited=false&silenced=false",
      "filter",
      "filter=",
      "filter=a%ZZ",
      "filter=a%3Db&filter=a%3Dc",
      "filter[]=a%3Db",
      "&&",
      "a;b",
      "active=x;y",
      "unknown=1",
      "receiver=a&receiver=default",
      "filter=a+%3D+b",
      "filter=%FF",
      "%zz=1",
      "filter=a=b",
    ].flatMap((text): Request[] =>
      ["alerts", "alerts/groups", "silences"].map((path) => ({ path: `/api/v2/${path}?${text}` })),
    ),
  ];
}

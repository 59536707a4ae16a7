import type { Request } from "./request.ts";

const JSON_TYPE = { "content-type": "application/json" };

const post = (path: string, body: unknown): Request => ({
  path: `/api/v2/${path}`,
  method: "POST",
  headers: JSON_TYPE,
  body: typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body),
});

/**
 * Texts that the test sends to Alertmanager as request bodies. Most are invalid JSON in different ways; some are valid.
 */
const TEXTS: readonly string[] = [
  ["", " ", "\n", "{", "[", "}", "]", "[x", "[]x", "[] []", "[]]", "{}", '"a"', "1", "true", "null", "nul", "nulls"],
  [
    "[1]",
    "[true]",
    '["x"]',
    "[[]]",
    "[{]",
    "[}",
    "{]",
    "[{}",
    "[{},",
    "[{},]",
    "[,]",
    "[1,",
    "[1 2]",
    "[truex]",
    "[fals]",
  ],
  [
    "[01]",
    "[-]",
    "[-x]",
    "[1.]",
    "[1.x]",
    "[1e]",
    "[1e+]",
    "[1ex]",
    "[.5]",
    "[+1]",
    "[1",
    "[NaN]",
    "[Infinity]",
    "[1e999]",
  ],
  [
    "{1:2}",
    "{'a':1}",
    "{a:1}",
    '{"a" 1}',
    '{"a"}',
    '{"a":}',
    '{"a":,}',
    '{"a":1 "b":2}',
    '{"a":1,}',
    '{"a":1,"b"',
    "{,}",
  ],
  [
    '["\\x"]',
    '["\\',
    '["\\u12"]',
    '["\\u12',
    '["\\u',
    '["\\uzzzz"]',
    '["\\u12zz"]',
    '["\\ud800"]',
    '["a\nb"]',
    '["a\tb"]',
  ],
  [
    '["\u0000"]',
    '["\u007f"]',
    '["é',
    "[é]",
    "[\u00a0]",
    "[😀]",
    "[\u2028]",
    "\ufeff[]",
    "/**/[]",
    "[//]",
    "<xml/>",
    "a=b",
  ],
  [
    '["abc',
    '["a" "b"]',
    "['a']",
    "[`a`]",
    "[\\]",
    "[#]",
    "\u0000",
    "[\u0001]",
    "tru",
    "falsx",
    "-",
    "--1",
    "0x10",
    "1_0",
  ],
  [
    "[".repeat(20_000),
    `${"[".repeat(10_001)}${"]".repeat(10_001)}`,
    `${'{"a":'.repeat(10_001)}1`,
    "[\r\n\t]",
    "[]\n\n",
  ],
].flat();

const BYTES: readonly Buffer[] = [
  Buffer.from([0x5b, 0xff, 0x5d]),
  Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]),
  Buffer.from([0xff]),
  Buffer.concat([Buffer.from('[{"labels":{"a":"x'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from('"}}]')]),
  Buffer.concat([Buffer.from('[{"labels":{"a'), Buffer.from([0xff]), Buffer.from('":"x"}}]')]),
];

/** JSON values of every type. The test replaces members of alerts and silences by these values. */
const KINDS: readonly string[] = [
  "null",
  "true",
  "1",
  "1.5",
  "-0",
  "1e999",
  '""',
  '"x"',
  "[]",
  '["x"]',
  "{}",
  '{"x":1}',
];

const TIMES: readonly string[] = [
  ["", "x", "2030", "2030-01", "2030-01-01", "2030-01-01T", "2030-01-01T00", "2030-01-01T00:00", "2030-01-01T00:00Z"],
  ["2030-01-01T00:00:00", "2030-01-01T00:00:00Z", "2030-01-01T00:00:00.1Z", "2030-01-01T00:00:00.123456789Z"],
  [
    "2030-01-01T00:00:00.1234567891Z",
    "2030-01-01T00:00:00+01:00",
    "2030-01-01T00:00:00+0100",
    "2030-01-01T00:00:00-23:59",
  ],
  [
    "2030-01-01T00:00:00+24:00",
    "2030-01-01T00:00:00+1:00",
    "2030-01-01 00:00:00",
    "2030-01-01 00:00:00Z",
    "2030-01-01t00:00:00z",
  ],
  [
    "2030-13-01T00:00:00Z",
    "2030-00-01",
    "2030-02-30T00:00:00Z",
    "2030-02-30",
    "2029-02-29",
    "2028-02-29",
    "2030-1-1",
    "30-01-01",
  ],
  [
    "2030-01-01T24:00:00Z",
    "2030-01-01T23:60:00Z",
    "2030-01-01T23:59:60Z",
    "2030-01-01T00:00:00.Z",
    "2030-01-01T00:00:00,5Z",
  ],
  [
    "2030-01-01T00:00:00ZZ",
    " 2030-01-01",
    "2030-01-01 ",
    "20300101",
    "2030/01/01",
    "1900000000",
    "now",
    "9999-12-31T23:59:59Z",
  ],
  [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00.000Z",
    "0000-01-01T00:00:00Z",
    "-001-01-01",
    "10000-01-01T00:00:00Z",
    "é",
    '"',
    "<&>",
  ],
  [
    "2030-01-01T00:00:00UTC",
    "2030-01-01T00:00:00 Z",
    "2030-01-01T00:00:00+01",
    "2030-01-01X00:00:00",
    "2030-01-0100:00:00",
  ],
].flat();

const LABELS = { alertname: "B", job: "bodies" };

const alertWith = (field: string, text: string): string =>
  `[{"labels":${field === "labels" ? text : JSON.stringify(LABELS)}${field === "labels" ? "" : `,"${field}":${text}`},"endsAt":"2031-01-01T00:00:00Z"}]`;

const withoutEnd = (field: string, text: string): string => `[{"labels":${JSON.stringify(LABELS)},"${field}":${text}}]`;

const SILENCE: Readonly<Record<string, unknown>> = {
  matchers: [{ name: "a", value: "b", isRegex: false, isEqual: true }],
  startsAt: "2030-01-01T00:00:00Z",
  endsAt: "2031-01-01T00:00:00Z",
  createdBy: "me",
  comment: "c",
};

const silenceText = (changes: Readonly<Record<string, string | undefined>>): string => {
  const fields = new Map(Object.entries(SILENCE).map(([name, value]) => [name, JSON.stringify(value)]));
  for (const [name, text] of Object.entries(changes)) {
    if (text === undefined) fields.delete(name);
    else fields.set(name, text);
  }
  return `{${[...fields].map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;
};

const matcherText = (changes: Readonly<Record<string, string | undefined>>): string => {
  const fields: Record<string, string | undefined> = {
    name: '"a"',
    value: '"b"',
    isRegex: "false",
    isEqual: "true",
    ...changes,
  };
  const parts = Object.entries(fields).filter(([, text]) => text !== undefined);
  return `[{${parts.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}]`;
};

const URLS: readonly string[] = [
  [
    "http://x",
    "x",
    "/x",
    "//x",
    "x:y",
    "::bad",
    ":x",
    "http://",
    "http:// x",
    "http://x y",
    "http://x/ y",
    "mailto:a@b",
    "é",
    "/é",
  ],
  [
    "http://[::1]",
    "http://[::1",
    "http://a:b",
    "http://a:99999",
    "http://%zz",
    "http://x/%zz",
    "http://x/%20",
    "http://x?%zz",
    "#a",
  ],
  [
    "http://x#a b",
    "?a=b",
    "*",
    "\\x",
    "http://x\\y",
    "1:2",
    "a b",
    "http://x/\u007f",
    "http://x/\u0001",
    "http://us er@x",
    "http://a@b@c",
  ],
].flat();

const NAMES: readonly string[] = [
  "",
  " ",
  "a b",
  "é",
  "1a",
  "a:b",
  "__name__",
  "__proto__",
  "constructor",
  "😀",
  "a.b",
  "\u0000",
  "a\\nb",
];

/** Request bodies for POST /alerts and POST /silences. */
export const BODIES: readonly Request[] = [
  ...["alerts", "silences"].flatMap((path) => [
    ...[...TEXTS, ...BYTES].map((text) => post(path, text)),
    ...[
      "text/plain",
      "application/json; charset=utf-8",
      "application/JSON",
      "application/vnd.x+json",
      "",
      "json",
      "a/b/c",
      ";",
      "*/*",
      "application/json;;",
      "application/json; a",
    ].map((type): Request => ({ ...post(path, "[]"), headers: { "content-type": type } })),
    { ...post(path, "[]"), headers: {} },
    { ...post(path, "{}"), headers: { ...JSON_TYPE, "content-encoding": "gzip" } },
    { path: `/api/v2/${path}`, method: "POST", headers: JSON_TYPE },
    { path: `/api/v2/${path}`, method: "POST" },
    { ...post(path, "{}"), headers: { ...JSON_TYPE, accept: "text/html" } },
    { ...post(path, "{}"), headers: { ...JSON_TYPE, accept: "application/json;q=0" } },
  ]),
  ...KINDS.flatMap((text) => [
    post("alerts", `[${text}]`),
    post("alerts", `[{"labels":{"alertname":"ok","k":"1"}},${text}]`),
    ...["labels", "annotations", "startsAt", "generatorURL", "unknown", "Labels", "STARTSAT"].map((field) =>
      post("alerts", alertWith(field, text)),
    ),
    post("alerts", withoutEnd("endsAt", text)),
    post("alerts", `[{"labels":{"alertname":"B","x":${text}}}]`),
    post("alerts", `[{"labels":{"alertname":"B"},"annotations":{"x":${text}}}]`),
    ...[
      "matchers",
      "startsAt",
      "endsAt",
      "createdBy",
      "comment",
      "id",
      "annotations",
      "unknown",
      "Comment",
      "updatedAt",
    ].map((field) => post("silences", silenceText({ [field]: text }))),
    post("silences", silenceText({ annotations: `{"x":${text}}` })),
    post("silences", silenceText({ matchers: `[${text}]` })),
    ...["name", "value", "isRegex", "isEqual", "unknown", "ISREGEX"].map((field) =>
      post("silences", silenceText({ matchers: matcherText({ [field]: text }) })),
    ),
  ]),
  ...TIMES.flatMap((time) => [
    post("alerts", alertWith("startsAt", JSON.stringify(time))),
    post("alerts", withoutEnd("endsAt", JSON.stringify(time))),
    post("silences", silenceText({ startsAt: JSON.stringify(time) })),
    post("silences", silenceText({ endsAt: JSON.stringify(time) })),
  ]),
  ...URLS.map((url) => post("alerts", alertWith("generatorURL", JSON.stringify(url)))),
  ...NAMES.flatMap((name) => [
    post("alerts", `[{"labels":{"alertname":"N",${JSON.stringify(name)}:"v"}}]`),
    post("alerts", `[{"labels":{"alertname":"N"},"annotations":{${JSON.stringify(name)}:"v"}}]`),
    post("alerts", `[{"labels":{"alertname":${JSON.stringify(name)}}}]`),
    post("silences", silenceText({ matchers: matcherText({ name: JSON.stringify(name) }) })),
    post("silences", silenceText({ matchers: matcherText({ value: JSON.stringify(name) }) })),
    post("silences", silenceText({ id: JSON.stringify(name) })),
  ]),
  ...[
    "(",
    "[a",
    "a**",
    "(?P<x",
    "a{1001}",
    "\\\\",
    "x{2,1}",
    "(?=a)",
    "\\\\1",
    ".*",
    "",
    "a|",
    "^$",
    "[[:foo:]]",
    "\\\\pX",
    "(?i)A",
  ].map((value) => post("silences", silenceText({ matchers: matcherText({ value: `"${value}"`, isRegex: "true" }) }))),
  ...["matchers", "startsAt", "endsAt", "createdBy", "comment"].map((field) =>
    post("silences", silenceText({ [field]: undefined })),
  ),
  post("silences", "{}"),
  ...["name", "value", "isRegex", "isEqual"].map((field) =>
    post("silences", silenceText({ matchers: matcherText({ [field]: undefined }) })),
  ),
  // A body with several errors: the server reports only the first error.
  post("silences", silenceText({ matchers: "[]", comment: undefined })),
  post("silences", silenceText({ startsAt: undefined, matchers: "[{}]", endsAt: "null" })),
  post("alerts", '[{"labels":{"a":1},"startsAt":"x"}]'),
  post("alerts", '[{"startsAt":"x","labels":1}]'),
  post("alerts", '[{"labels":{}},{"labels":{"alertname":"ok2"}},{"labels":{"":"x"}}]'),
  post("alerts", '[{"labels":{"a":"b"},"generatorURL":"::"},{}]'),
  post("alerts", '[{},{"labels":{"a":"b"},"generatorURL":"::"}]'),
  // JSON objects in which a member occurs twice.
  post(
    "alerts",
    '[{"labels":{"alertname":"D","x":"1"},"labels":{"alertname":"D","y":"2"},"endsAt":"2031-01-01T00:00:00Z"}]',
  ),
  post("alerts", '[{"labels":{"alertname":"E","x":"1","x":"2"},"annotations":{"a":"1"},"annotations":{"b":"2"}}]'),
  post("alerts", '[{"labels":{"alertname":"F"},"Labels":{"z":"2"}}]'),
  post("alerts", '[{"labels":{"alertname":"G"},"labels":null}]'),
  post("alerts", '[{"labels":{"alertname":"H"},"startsAt":"2020-01-01T00:00:00Z","startsAt":"2021-01-01T00:00:00Z"}]'),
  post("alerts", '[{"labels":{"alertname":"I","empty":""},"annotations":{"empty":""}}]'),
  post("alerts", '[{"labels":{"alertname":"J"},"startsAt":"2031-01-01T00:00:00Z","endsAt":"2030-01-01T00:00:00Z"}]'),
  post("alerts", '[{"labels":{"alertname":"K"},"startsAt":"2030-01-01T00:00:00Z"}]'),
  post("alerts", '[{"labels":{"alertname":"L"},"startsAt":"2030-01-01T00:00:00Z","endsAt":"2030-01-01T00:00:00Z"}]'),
  post(
    "alerts",
    '[{"labels":{"alertname":"M<&>\\u2028\\u0007\\ud83d\\ude00","b":"\\ud800x"},"annotations":{"é":"\\u007f"}}]',
  ),
  post("alerts", '[{"labels":{"alertname":"O"},"status":"firing","fingerprint":"x","receivers":[]}]'),
  post("silences", silenceText({ comment: '"a"', Comment: '"b"' })),
  post(
    "silences",
    '{"matchers":[{"name":"a","value":"b","isRegex":false}],"matchers":[{"name":"c","value":"d","isRegex":false}],"startsAt":"2030-01-01T00:00:00Z","endsAt":"2030-06-01T00:00:00Z","createdBy":"x","comment":"y"}',
  ),
];

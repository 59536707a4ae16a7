import type { Random } from "../../../support/random.ts";
import { list, map, type Tree } from "./yaml-tree.ts";

/** Generates a random value of the configuration as YAML. */
export type Make = (random: Random) => Tree;

const from =
  (...texts: readonly string[]): Make =>
  (random) =>
    random.pick(texts);

export const listOf =
  (make: Make, most = 3): Make =>
  (random) =>
    list(...Array.from({ length: random.below(most) + 1 }, () => make(random)));

export const duration: Make = from(
  "15s",
  "1m",
  "1m30s",
  "100ms",
  "1h",
  "2d",
  "1y",
  "0",
  "0s",
  "1d12h",
  "90s500ms",
  "14d",
);
export const seconds: Make = from("5s", "10s", "15s", "20s", "30s", "1m");
export const boolean: Make = from("true", "false", "yes", "no", "on", "off", "True", "y");
export const count: Make = from("0", "1", "7", "1000", "0x10", "1_000", "2.0", "1e3");
export const fraction: Make = from("0", "0.5", "1", "1.1", ".25", "1e-3");
export const size: Make = from("0", "10MB", "1KiB", "1GB512MB", "1.5GB", "100B", "2EiB");
export const word: Make = from(
  "a",
  "b-c",
  "some text",
  "'quoted: text'",
  '"two\\twords"',
  "7",
  "true",
  "1.5",
  "é",
  "a#b",
);
export const path: Make = from("a.txt", "/abs/b.pem", "../c", "d/e.key", "'with space.txt'");
export const host: Make = from("a:1", "localhost:9090", "'[::1]:80'", "10.0.0.1:9100", "node", "'{{x}}:1'");
export const url: Make = from(
  "http://a:9090/x",
  "https://u:p@h/",
  "http://u@h",
  "/relative",
  "a/b",
  "'http://[::1]:80/?a=b'",
  "http://a/%7e",
  "mailto:x",
  "'http://u:p%40@h:1/x y'",
  "'HTTP://A'",
);
const labelName: Make = from("a", "__address__", "job", "b_c", "'d.e'", "__meta_x", "'ä ö'", "le");
const labelNames: Make = listOf(labelName);

export const labels: Make = (random) => {
  const names = random.some(["a", "b_c", "zone", "'with.dot'", "__meta"]);
  return map(names.map((name) => [name, word(random)]));
};

export const protocols: Make = (random) =>
  list(
    ...random.some([
      "PrometheusProto",
      "OpenMetricsText1.0.0",
      "OpenMetricsText0.0.1",
      "PrometheusText1.0.0",
      "PrometheusText0.0.4",
    ]),
  );

export const protocol: Make = from(
  "PrometheusText0.0.4",
  "OpenMetricsText1.0.0",
  "PrometheusProto",
  "PrometheusText1.0.0",
);
export const scheme: Make = from("utf8", "utf8", "legacy", "''");
export const escaping: Make = from("underscores", "allow-utf-8", "dots", "values", "''");

const regex: Make = from(
  "(.*)",
  "'(.+):\\d+'",
  "a|b",
  "'.*'",
  "'[a-z]+(?P<x>y)?'",
  "'(?i:A)'",
  "'\\p{L}+'",
  "'a{2,5}'",
  "''",
  '"\\\\w+"',
  "'x*?'",
  "'\\Qa.b\\E'",
  "'[[:alpha:]]'",
);
const template: Make = from("x", "$1", "'${1}_y'", "a.b", "$x", "'$$'");

/** Generates a random relabeling rule whose fields fit its action. */
const relabelRule: Make = (random) => {
  const action = random.pick(ACTIONS);
  const own =
    action === "replace" && random.chance(50)
      ? undefined
      : (["action", random.chance(80) ? action : action.toUpperCase()] as const);
  const source = ["source_labels", labelNames(random)] as const;
  const matching = random.chance(70) ? (["regex", regex(random)] as const) : undefined;
  switch (action) {
    case "keep":
    case "drop":
      return map([own, source, matching]);
    case "labelmap":
      return map([own, matching, random.chance(60) ? ["replacement", template(random)] : undefined]);
    case "labeldrop":
    case "labelkeep":
      return map([matching, own]);
    case "keepequal":
    case "dropequal":
      return map([own, source, ["target_label", labelName(random)]]);
    case "hashmod":
      return map([own, source, ["modulus", random.pick(["1", "8", "0x10"])], ["target_label", "__tmp_hash"]]);
    case "lowercase":
    case "uppercase":
      return map([own, source, ["target_label", labelName(random)]]);
    default:
      return map([
        own,
        random.chance(80) ? source : undefined,
        random.chance(20) ? ["separator", word(random)] : undefined,
        matching,
        ["target_label", random.chance(80) ? labelName(random) : template(random)],
        random.chance(70) ? ["replacement", template(random)] : undefined,
      ]);
  }
};

const ACTIONS = [
  "replace",
  "replace",
  "keep",
  "drop",
  "labelmap",
  "labeldrop",
  "labelkeep",
  "keepequal",
  "dropequal",
  "hashmod",
  "lowercase",
  "uppercase",
];

export const relabelRules: Make = listOf(relabelRule);

import type { Answered } from "./gateway.ts";
import type { KnownDifferences } from "../../support/known-differences.ts";
import type { AnswerDifference } from "./known-differences.ts";

/** Limit in seconds. A number that is closer than this to the current Unix time is treated as the time of a push. */
const NEAR = 3600;

/**
 * Compares the answers of our Pushgateway and the original Pushgateway to a request, and counts the comparison. Returns
 * a line for each unexplained difference: a difference without a matching rule.
 */
export function differencesOf(known: KnownDifferences<AnswerDifference>, answers: AnswerDifference): string[] {
  const { request, ours, theirs } = answers;
  const [mine, other] = [answerText(ours), answerText(theirs)];
  const isRefused = ours.status === 400 && theirs.status === 400;
  const isSame = mine === other || (isRefused && refusedAlike(ours.body, theirs.body));
  const unexplained = known.compare(isSame ? [] : [answers], [theirs.status < 300 ? "accepted" : "refused"]);
  return unexplained.map(() => `${request.method} ${request.path}\n  ours   ${mine}\n  theirs ${other}`);
}

/** Returns the compared parts of an answer: status, redirect location, Content-Type and body. */
function answerText({ status, headers, body }: Answered): string {
  const kind = status === 200 && body !== "" ? headers["content-type"] : "";
  return JSON.stringify([status, headers["location"] ?? "", headers["allow"] ?? "", kind ?? "", errorText(body)]);
}

const REFUSED = "pushed metrics are invalid or inconsistent with existing metrics: ";
const UNSERVED = "An error has occurred while serving metrics:\n\n";

/**
 * Reports whether two refusals of a push report the same inconsistency. The original Pushgateway finds inconsistencies
 * in random order and reports only the first ones. In each metric family, it reports only one inconsistency.
 */
function refusedAlike(ours: string, theirs: string): boolean {
  return ours.startsWith(REFUSED) && theirs.startsWith(REFUSED) && haveCommon(ours, theirs, REFUSED);
}

/** Reports whether two failed scrapes of /metrics report the same inconsistency. */
export const failsAlike = (ours: string, theirs: string): boolean =>
  ours.startsWith(UNSERVED) && theirs.startsWith(UNSERVED) && haveCommon(ours, theirs, UNSERVED);

/** Reports whether a scrape of /metrics failed because the value of a metric has another type than its family. */
export const isOfMixedTypes = ({ status, body }: Answered): boolean =>
  status === 500 && /\} is not a [A-Z]+\s*$/m.test(body);

function haveCommon(ours: string, theirs: string, prefix: string): boolean {
  const known = inconsistencies(cleaned(theirs).slice(prefix.length));
  // Whether the gateways may report different errors, because some errors exclude each other.
  const isMixed = [...known].some((one) => one.startsWith("type") || one.startsWith("collision"));
  return isMixed || [...inconsistencies(cleaned(ours).slice(prefix.length))].some((one) => known.has(one));
}

/**
 * Reduces an error message to the metric that it names. The rest of the message is random, for example which of two
 * metrics is named, and how often.
 */
function errorText(body: string): string {
  const text = cleaned(body);
  if (text.startsWith(REFUSED)) return `${REFUSED}${[...inconsistencies(text.slice(REFUSED.length))].join("; ")}`;
  if (text.startsWith(UNSERVED)) return `${UNSERVED}${[...inconsistencies(text.slice(UNSERVED.length))].join("; ")}`;
  return text;
}

/** Removes the parts of an error message that are random: the blanks in Go's protobuf texts, and times. */
const cleaned = (body: string): string =>
  body
    .replaceAll("\u00c2\u00a0", " ")
    .replaceAll("\u00a0", " ")
    .replaceAll(/ {2,}/g, " ")
    .replaceAll(/value:\d\.\d{8,}e\+09/g, "value:NOW");

/** Returns the metrics that an error message reports as inconsistent. */
function inconsistencies(text: string): Set<string> {
  const lines = text.replace(/^\d+ error\(s\) occurred:\n\* /, "").split(/\n\* /);
  const found = lines.map((line) => {
    const type = /^collected metric ("(?:[^"\\]|\\.)*") \{[^]*\} is not a \w+\s*$/.exec(line);
    if (type !== null) return `type of ${type[1]}`;
    const own = /^gathered metric family (.*) has type \w+ but should have \w+$/.exec(line.trim());
    if (own !== null) return `type of ${JSON.stringify(own[1])}`;
    const repeat = /^collected metric ("(?:[^"\\]|\\.)*") \{[^]*\} was collected before/.exec(line);
    if (repeat !== null) return `repetition in ${repeat[1]}`;
    // Matches a name collision. A histogram may collide with several names, and the gateways may report different ones.
    const collision = /named "(.*?)" collides with .* named "(.*?)"\s*$/.exec(line);
    if (collision === null) return line.trim();
    const [one, other] = [collision[1]!, collision[2]!];
    return `collision with ${one.length < other.length ? one : other}`;
  });
  return new Set(found.toSorted());
}

/** Returns the pushed part of /metrics: lines with a `job` label, and the HELP and TYPE lines above them. */
export function pushedText(body: string): string {
  const kept: string[] = [];
  let head: string[] = [];
  for (const line of body.split("\n")) {
    // Skips help texts of metrics about the program itself, which differ between the programs.
    if (line.startsWith("# HELP go_")) continue;
    if (line.startsWith("#")) {
      if (line.startsWith("# HELP") || head.length > 1) head = [];
      head.push(line);
    } else if (/[{,]job="/.test(line)) {
      kept.push(...head, withoutTime(line));
      head = [];
    } else head = [];
  }
  return kept.join("\n");
}

function withoutTime(line: string): string {
  const value = Number(line.slice(line.lastIndexOf(" ") + 1));
  return Math.abs(value - Date.now() / 1000) < NEAR ? `${line.slice(0, line.lastIndexOf(" "))} NOW` : line;
}

/** Returns the groups in an answer of /api/v1/metrics, in a fixed order and without times. */
export function groupsText(body: string): string {
  const groups = (JSON.parse(body) as { data: unknown[] }).data.map((group) =>
    JSON.stringify(group)
      .replaceAll(/"time_stamp":"[^"]*"/g, '"time_stamp":"T"')
      .replaceAll(/"value":"(\d\.\d+e\+09)"/g, (whole, value: string) =>
        Math.abs(Number(value) - Date.now() / 1000) < NEAR ? '"value":"NOW"' : whole,
      ),
  );
  return groups.toSorted().join("\n");
}

import { ApiFault, badBody, required, wrongKind } from "./api-fault.ts";
import { parseApiTime, readTime } from "./api-time.ts";
import { type GoPlace, mismatch, readMembers, readText, readTexts, WHOLE } from "./go-decode.ts";
import { JsonError, type JsonNode, parseGoJson } from "./go-json.ts";
import type { PostedAlert } from "./posted-alerts.ts";
import { isRequestUri } from "./request-uri.ts";

/** Decodes the body of POST /alerts. Throws ApiFault. */
export function decodeAlerts(text: string): readonly PostedAlert[] {
  const alerts = decodePlain(text);
  if (alerts !== undefined) return alerts;
  if (text.length <= MAX_GO_DECODED) return decodeAsGo(text);
  const size = `larger than ${MAX_GO_DECODED / 2 ** 20} MiB, and not all of it is alerts in plain JSON`;
  throw badBody("alerts", `the body is ${size}; send fewer alerts at once to see the position of the error`);
}

/**
 * Maximum length, in characters, of a request body that is decoded exactly as Go does. A longer body is decoded with
 * JSON.parse(), because the exact decoder needs ten times as long.
 */
const MAX_GO_DECODED = 4 * 2 ** 20;

/**
 * Decodes a usual request body with JSON.parse(). Returns undefined for an invalid body, and for JSON that Go decodes
 * differently. Examples are repeated members, members in another case, halves of surrogate pairs, and text after the
 * value.
 */
function decodePlain(text: string): readonly PostedAlert[] | undefined {
  if (HALF_SURROGATE.test(text)) return undefined;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(body)) return undefined;
  if (occurrences(text, '"labels"') > body.length || occurrences(text, '"annotations"') > body.length) return undefined;
  const alerts: PostedAlert[] = [];
  const readTimes = new Map<string, number | undefined>();
  for (const item of body as unknown[]) {
    const alert = plainAlert(item, readTimes);
    if (alert === undefined) return undefined;
    alerts.push(alert);
  }
  return alerts;
}

/** Matches a JSON escape of half a surrogate pair, without the escape of the other half. */
const HALF_SURROGATE =
  /\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]/;

function occurrences(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++;
  return count;
}

const MEMBERS: ReadonlySet<string> = new Set(["labels", "annotations", "startsAt", "endsAt", "generatorURL"]);
const LOWER_CASE: ReadonlySet<string> = new Set([...MEMBERS].map((name) => name.toLowerCase()));

function plainAlert(item: unknown, readTimes: Map<string, number | undefined>): PostedAlert | undefined {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return undefined;
  const fields = item as Record<string, unknown>;
  for (const name in fields) {
    if (!MEMBERS.has(name) && LOWER_CASE.has(name.toLowerCase())) return undefined;
  }
  const { labels, annotations = {}, generatorURL: generatorUrl = "" } = fields;
  const startsAt = plainTime(fields["startsAt"], readTimes);
  const endsAt = plainTime(fields["endsAt"], readTimes);
  if (!areTexts(labels) || !areTexts(annotations) || typeof generatorUrl !== "string") return undefined;
  if (startsAt === undefined || endsAt === undefined) return undefined;
  if (generatorUrl !== "" && !isRequestUri(generatorUrl)) return undefined;
  return { labels, annotations, startsAt, endsAt, generatorUrl };
}

/**
 * Maximum number of parsed times that are cached while a request body is decoded. The alerts of a request have few
 * different start and end times, so most times are parsed only once.
 */
const MAX_TIMES = 1000;

function plainTime(value: unknown, read: Map<string, number | undefined>): number | undefined {
  if (value === undefined) return NaN;
  if (typeof value !== "string") return undefined;
  if (read.has(value)) return read.get(value);
  const ms = parseApiTime(value);
  if (read.size < MAX_TIMES) read.set(value, ms);
  return ms;
}

function areTexts(value: unknown): value is Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  for (const name in value) if (typeof (value as Record<string, unknown>)[name] !== "string") return false;
  return true;
}

/** Decodes any request body with the results and error messages of Go's JSON decoder. */
function decodeAsGo(text: string): readonly PostedAlert[] {
  const drafts = readDrafts(text);
  return drafts.map((draft, i) => {
    if (draft === undefined) throw required(String(i));
    const { labels, annotations = {}, startsAt = NaN, endsAt = NaN, generatorUrl = "" } = draft;
    if (generatorUrl !== "" && !isRequestUri(generatorUrl)) throw wrongKind(`${i}.generatorURL`, "uri", generatorUrl);
    if (labels === undefined) throw required(`${i}.labels`);
    return { labels, annotations, startsAt, endsAt, generatorUrl };
  });
}

/** An alert of a request body while its members are decoded. */
type Draft = { -readonly [K in keyof PostedAlert]?: PostedAlert[K] | undefined };

function readDrafts(text: string): readonly (Draft | undefined)[] {
  try {
    const body = parseGoJson(text);
    if (body === undefined) throw required("alerts");
    if (body.kind === "null") return [];
    if (body.kind !== "array") mismatch(body, WHOLE, "models.PostableAlerts");
    return body.items.map(readDraft);
  } catch (error) {
    if (error instanceof ApiFault || !(error instanceof JsonError)) throw error;
    throw badBody("alerts", error.message);
  }
}

/** Go's name of the struct with an alert's annotations and times. Error messages contain the name. */
const HEAD =
  'struct { Annotations models.LabelSet "json:\\"annotations,omitempty\\""; EndsAt strfmt.DateTime "json:\\"endsAt,omitempty\\""; StartsAt strfmt.DateTime "json:\\"startsAt,omitempty\\"" }';

function readDraft(node: JsonNode): Draft | undefined {
  if (node.kind === "null") return undefined;
  const draft: Draft = {};
  readMembers(
    node,
    { place: WHOLE, goType: HEAD, struct: "" },
    {
      annotations: (value, place: GoPlace) => (draft.annotations = readTexts(value, place, draft.annotations)),
      endsAt: (value) => (draft.endsAt = readTime(value) ?? draft.endsAt),
      startsAt: (value) => (draft.startsAt = readTime(value) ?? draft.startsAt),
    },
  );
  readMembers(
    node,
    { place: WHOLE, goType: "models.Alert", struct: "Alert" },
    {
      generatorURL: (value) => (draft.generatorUrl = readText(value, WHOLE) ?? draft.generatorUrl),
      labels: (value, place) => (draft.labels = readTexts(value, place, draft.labels)),
    },
  );
  return draft;
}

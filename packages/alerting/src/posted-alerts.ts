import { isLabelName, Labels } from "@narthex/model";
import type { Alert } from "./alert.ts";
import { ApiFault, required, wrongKind } from "./api-fault.ts";
import { parseApiTime } from "./api-time.ts";
import { fingerprint } from "./fingerprint.ts";

/** One alert of a request's body, decoded but not judged. NaN = not given. */
export interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly generatorUrl: string;
}

/** Decodes the body of POST /alerts. Throws ApiFault. */
export function decodeAlerts(body: unknown): PostedAlert[] {
  if (body === null || body === undefined) throw required("alerts");
  if (!Array.isArray(body))
    throw badBody("alerts", `json: cannot unmarshal ${kindOf(body)} into Go value of type models.PostableAlerts`);
  return body.map((item: unknown, i) => decodeAlert(item, i));
}

/** 400 for a body that is no such JSON. */
export const badBody = (name: string, reason: string): ApiFault =>
  new ApiFault(400, 400, `parsing ${name} body from "" failed, because ${reason}`);

const kindOf = (value: unknown): string => (Array.isArray(value) ? "array" : typeof value);

function decodeAlert(item: unknown, i: number): PostedAlert {
  if (typeof item !== "object" || item === null) {
    throw badBody("alerts", `json: cannot unmarshal ${kindOf(item)} into Go value of type models.PostableAlert`);
  }
  const fields = item as Record<string, unknown>;
  if (fields["labels"] === undefined || fields["labels"] === null) throw required(`${i}.labels`);
  const generatorUrl = fields["generatorURL"] ?? "";
  if (typeof generatorUrl !== "string") throw badBody("alerts", "json: cannot unmarshal generatorURL into a string");
  if (generatorUrl !== "" && !isUri(generatorUrl)) throw wrongKind(`${i}.generatorURL`, "uri", generatorUrl);
  return {
    labels: texts(fields["labels"]),
    annotations: texts(fields["annotations"] ?? {}),
    startsAt: time(fields["startsAt"]),
    endsAt: time(fields["endsAt"]),
    generatorUrl,
  };
}

const isUri = (text: string): boolean => /^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|\/)/.test(text) && !/[\s\p{Cc}]/u.test(text);

function texts(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badBody("alerts", `json: cannot unmarshal ${kindOf(value)} into Go value of type models.LabelSet`);
  }
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string") {
      throw badBody(
        "alerts",
        `json: cannot unmarshal ${kindOf(text)} into Go struct field Alert.labels.${name} of type string`,
      );
    }
  }
  return value as Record<string, string>;
}

function time(value: unknown): number {
  if (value === undefined || value === null) return NaN;
  const parsed = typeof value === "string" ? parseApiTime(value) : undefined;
  if (parsed === undefined)
    throw badBody(
      "alerts",
      `parsing time ${JSON.stringify(value)} as "2006-01-02": cannot parse ${JSON.stringify(value)} as "2006"`,
    );
  return parsed;
}

/** A completed alert, or why it is refused. */
export type Completed =
  | { readonly ok: true; readonly alert: Alert }
  | { readonly ok: false; readonly problem: string; readonly resolved: boolean };

/** Fills in times and fingerprint, drops empty labels, and judges. */
export function completeAlert(
  posted: PostedAlert,
  now: number,
  resolveTimeoutMs: number,
  scheme: "legacy" | "utf8",
): Completed {
  const timeout = Number.isNaN(posted.endsAt);
  const endsAt = timeout ? now + resolveTimeoutMs : posted.endsAt;
  const startsAt = startOf(posted, now);
  const labels = Labels.of(posted.labels);
  const problem = problemOf(posted, labels, startsAt, endsAt, scheme);
  if (problem !== undefined) return { ok: false, problem, resolved: endsAt <= now };
  const alert: Alert = {
    labels,
    annotations: Labels.of(posted.annotations),
    startsAt,
    endsAt,
    updatedAt: now,
    timeout,
    generatorUrl: posted.generatorUrl,
    fingerprint: fingerprint(labels),
  };
  return { ok: true, alert };
}

function startOf({ startsAt, endsAt }: PostedAlert, now: number): number {
  if (!Number.isNaN(startsAt)) return startsAt;
  return Number.isNaN(endsAt) ? now : endsAt;
}

function problemOf(
  posted: PostedAlert,
  labels: Labels,
  startsAt: number,
  endsAt: number,
  scheme: "legacy" | "utf8",
): string | undefined {
  if (endsAt < startsAt) return "start time must be before end time";
  if (labels.size === 0) return "at least one label pair required";
  const faulty = setProblem(posted.labels, scheme);
  if (faulty !== undefined) return `invalid label set: ${faulty}`;
  const faultyAnnotation = setProblem(posted.annotations, scheme);
  return faultyAnnotation === undefined ? undefined : `invalid annotations: ${faultyAnnotation}`;
}

function setProblem(set: Readonly<Record<string, string>>, scheme: "legacy" | "utf8"): string | undefined {
  for (const [name, value] of Object.entries(set)) {
    if (!isLabelName(name, scheme)) return `invalid name ${JSON.stringify(name)}`;
    if (!value.isWellFormed()) return `invalid value ${JSON.stringify(value)}`;
  }
  return undefined;
}

import type { Silence, SilenceRequest } from "../api/alertmanager.ts";
import { formatDuration, parseDuration } from "../format/duration.ts";
import { formatInstant, parseApiTime, parseInstant } from "../format/instant.ts";
import { type Matcher, type MatchOperator, parseMatchers } from "./matcher-filter.ts";

/** The fields of the silence form, as the user has typed them. */
export interface SilenceDraft {
  /** Id of the silence that is edited; null for a new one. */
  readonly id: string | null;
  readonly zone: string;
  readonly matchers: readonly Matcher[];
  readonly start: string;
  readonly duration: string;
  readonly end: string;
  readonly creator: string;
  readonly comment: string;
  /** Annotations, one `name=text` on each line. */
  readonly annotations: string;
}

/** Error message by field; empty if the draft can be sent. */
export type DraftProblems = Partial<Record<keyof SilenceDraft, string>>;

const usualDurationMs = 2 * 3_600_000;

/** Returns a draft with the `filter` and `comment` of a link. The silence starts now and lasts two hours. */
export function newDraft(
  search: string,
  { nowMs, zone, creator }: { readonly nowMs: number; readonly zone: string; readonly creator: string },
): SilenceDraft {
  const params = new URLSearchParams(search);
  const startMs = Math.floor(nowMs / 1000) * 1000;
  return {
    id: null,
    zone,
    matchers: parseMatchers(params.get("filter") ?? "") ?? [],
    start: formatInstant(startMs, zone),
    duration: formatDuration(usualDurationMs),
    end: formatInstant(startMs + usualDurationMs, zone),
    creator,
    comment: params.get("comment") ?? "",
    annotations: "",
  };
}

export function draftOf(silence: Silence, zone: string): SilenceDraft {
  const [startMs, endMs] = [parseApiTime(silence.startsAt) ?? 0, parseApiTime(silence.endsAt) ?? 0];
  return {
    id: silence.id,
    zone,
    matchers: silenceMatchers(silence),
    start: formatInstant(startMs, zone),
    duration: formatDuration(Math.round((endMs - startMs) / 1000) * 1000),
    end: formatInstant(endMs, zone),
    creator: silence.createdBy,
    comment: silence.comment,
    annotations: Object.entries(silence.annotations ?? {})
      .map(([name, text]) => `${name}=${text}`)
      .join("\n"),
  };
}

export function silenceMatchers(silence: Pick<Silence, "matchers">): Matcher[] {
  return silence.matchers.map(({ name, value, isRegex, isEqual }) => ({
    name,
    value,
    operator: operatorOf(isRegex, isEqual !== false),
  }));
}

function operatorOf(isRegex: boolean, isEqual: boolean): MatchOperator {
  if (isEqual) return isRegex ? "=~" : "=";
  return isRegex ? "!~" : "!=";
}

/** Changes the start of the silence, and moves the end so that the duration stays the same. */
export function withStart(draft: SilenceDraft, start: string): SilenceDraft {
  return endAfter({ ...draft, start });
}

export function withDuration(draft: SilenceDraft, duration: string): SilenceDraft {
  return endAfter({ ...draft, duration });
}

export function withEnd(draft: SilenceDraft, end: string): SilenceDraft {
  const [startMs, endMs] = [parseInstant(draft.start, draft.zone), parseInstant(end, draft.zone)];
  if (startMs === null || endMs === null || endMs < startMs) return { ...draft, end };
  return { ...draft, end, duration: formatDuration(endMs - startMs) };
}

function endAfter(draft: SilenceDraft): SilenceDraft {
  const [startMs, durationMs] = [parseInstant(draft.start, draft.zone), parseDuration(draft.duration)];
  if (startMs === null || durationMs === null) return draft;
  return { ...draft, end: formatInstant(startMs + durationMs, draft.zone) };
}

/** Converts the times of a draft to another time zone. A text that is not a time does not change. */
export function inZone(draft: SilenceDraft, zone: string): SilenceDraft {
  if (zone === draft.zone) return draft;
  const moved = (text: string): string => {
    const ms = parseInstant(text, draft.zone);
    return ms === null ? text : formatInstant(ms, zone);
  };
  return { ...draft, zone, start: moved(draft.start), end: moved(draft.end) };
}

/** Parses the annotations of a draft. Returns null if a line has no `=` or a name occurs twice. */
export function readAnnotations(text: string): Record<string, string> | null {
  const annotations: Record<string, string> = {};
  for (const line of text.split("\n").filter((each) => each.trim() !== "")) {
    const at = line.indexOf("=");
    const name = line.slice(0, at).trim();
    if (at < 1 || name === "" || name in annotations) return null;
    annotations[name] = line.slice(at + 1).trim();
  }
  return annotations;
}

export function draftProblems(draft: SilenceDraft): DraftProblems {
  const problems: { -readonly [K in keyof DraftProblems]: string } = {};
  const [startMs, endMs] = [parseInstant(draft.start, draft.zone), parseInstant(draft.end, draft.zone)];
  if (draft.matchers.length === 0) problems.matchers = "Add at least one matcher";
  else if (draft.matchers.every(matchesEmpty)) {
    problems.matchers = "At least one matcher must require a value. These also match alerts without the labels";
  }
  if (startMs === null) problems.start = "Write the time as YYYY-MM-DD HH:mm:ss";
  if (endMs === null) problems.end = "Write the time as YYYY-MM-DD HH:mm:ss";
  else if (startMs !== null && endMs < startMs) problems.end = "The end is before the start";
  if (parseDuration(draft.duration) === null) problems.duration = "Write a duration such as 2h or 1d12h";
  if (draft.creator.trim() === "") problems.creator = "Enter the name of the creator";
  if (draft.comment.trim() === "") problems.comment = "Enter the reason for the silence";
  if (readAnnotations(draft.annotations) === null)
    problems.annotations = "Write one name=text per line, each name once";
  return problems;
}

/**
 * Reports whether a matcher matches an alert that lacks the matcher's label. Returns false for regular expressions,
 * which only the server evaluates.
 */
const matchesEmpty = ({ operator, value }: Matcher): boolean =>
  (operator === "=" && value === "") || (operator === "!=" && value !== "");

/** Returns the body of `POST /silences` for a draft without problems. */
export function requestOf(draft: SilenceDraft): SilenceRequest {
  const annotations = readAnnotations(draft.annotations) ?? {};
  return {
    ...(draft.id === null ? {} : { id: draft.id }),
    matchers: draft.matchers.map(({ name, value, operator }) => ({
      name,
      value,
      isRegex: operator.endsWith("~"),
      isEqual: operator.startsWith("="),
    })),
    startsAt: new Date(parseInstant(draft.start, draft.zone)!).toISOString(),
    endsAt: new Date(parseInstant(draft.end, draft.zone)!).toISOString(),
    createdBy: draft.creator.trim(),
    comment: draft.comment.trim(),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
}

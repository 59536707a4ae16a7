import type { Episode } from "./episode.ts";
import type { LoggedFailure } from "./failures.ts";
import { explanationOf } from "../../../support/known-differences.ts";
import { KNOWN, type ScrapeRule } from "./known-differences.ts";
import { Labels } from "@narthex/model";
import { nameOf, type ObservedTarget } from "./observed.ts";

/** All observations of one server's scrapes of a target. */
export interface TwinObservations {
  readonly stored: ObservedTarget | undefined;
  /** Errors of scrapes by the time of the scrape, Unix time in ms. */
  readonly errors: ReadonlyMap<number, string>;
  /** Lines about this target in the server's log of failed scrapes. */
  readonly failures: readonly LoggedFailure[];
  /** Exemplars by series, as texts `ms value labels`. */
  readonly exemplars: ReadonlyMap<string, readonly string[]>;
  readonly metadata: readonly string[];
  /** Times of requests to the target, ms. */
  readonly requestTimes: readonly number[];
  readonly requestHeaders: Readonly<Record<string, string>>;
}

/** A difference between the observations of our server and Prometheus about one target. */
export interface Difference {
  readonly kind: "up" | "late" | "request" | "error" | "series" | "exemplars" | "metadata" | "scrapes";
  /** Number of the first affected scrape; the number of all steps if no scrape is affected. */
  readonly step: number;
  readonly what: string;
  readonly ours: string;
  readonly theirs: string;
  /**
   * Whether our server lacks exemplars: it stored a sample of the series in a scrape, but no exemplar of the series in
   * this scrape.
   */
  readonly lacksExemplars?: boolean;
}

/** Reports whether a program waited long for a CPU between two times, ms. */
export type Starvation = (from: number, until: number) => boolean;

export interface Verdict {
  readonly differences: readonly Difference[];
  /** Rules for accepted differences that matched a difference. */
  readonly known: readonly ScrapeRule[];
  /** Kinds of data, such as histograms, that both servers stored and that are equal. */
  readonly contents: readonly string[];
  /** Errors of scrapes by step, for the report. */
  readonly errors: readonly string[];
}

const DEADLINE = "context deadline exceeded";
const COMPARED_HEADERS = ["accept", "accept-encoding", "x-prometheus-scrape-timeout-seconds"];

/** Sort key of differences: differences that explain others come first (errors, then failed or late scrapes). */
const rank = ({ kind }: Difference): number => (kind === "error" ? 0 : kind === "up" || kind === "late" ? 1 : 2);

/**
 * Compares what both servers observed in an episode, that is, in the sequence of a target's answers. If a rule explains
 * a difference, the rule may end the comparison at this scrape.
 */
export function compareTwins(
  episode: Episode,
  ours: TwinObservations,
  theirs: TwinObservations,
  starvation: Starvation,
): Verdict {
  const isStarved = (step: number): boolean =>
    [ours, theirs].some(({ stored }) => {
      const [from = Infinity, until = from + SCRAPE_MS] = stored?.scrapes.slice(step) ?? [];
      return starvation(from, until);
    });
  const chunks = [ours, theirs].flatMap(
    ({ stored }) => stored?.scrapes.map((time) => Math.floor(time / CHUNK_MS)) ?? [],
  );
  const isAtBorder = new Set(chunks).size > 1;
  const explain = (one: Difference): ScrapeRule | undefined =>
    explanationOf(KNOWN, { lacksExemplars: false, ...one, episode, isAtBorder, isStarved: isStarved(one.step) });
  const all = [...differencesOf(episode, ours, theirs)].toSorted((a, b) => a.step - b.step || rank(a) - rank(b));
  const known: ScrapeRule[] = [];
  let until = Infinity;
  const differences: Difference[] = [];
  for (const difference of all) {
    if (difference.step >= until) continue;
    const rule = explain(difference);
    if (rule === undefined) {
      differences.push(difference);
      continue;
    }
    known.push(rule);
    if (rule.ends) until = Math.min(until, difference.step);
  }
  const unexplained = differences.filter((one) => one.step < until && !isExplainedBefore(until, one, explain));
  const errors =
    unexplained.length === 0 ? [] : episode.steps.map((_, step) => `${errorOf(ours, step)} | ${errorOf(theirs, step)}`);
  return { differences: unexplained, known, contents: [...contentsOf(ours, theirs)], errors };
}

/** Length of a chunk range, ms. Both servers start new chunks at multiples of it. */
const CHUNK_MS = 7_200_000;

/** Assumed duration in ms of the last scrape. */
const SCRAPE_MS = 5000;

/** Yields the kinds of data that both servers stored and that are equal. */
function* contentsOf(ours: TwinObservations, theirs: TwinObservations): Generator<string> {
  for (const [name, rows] of theirs.stored?.series ?? []) {
    const own = new Set(ours.stored?.series.get(name));
    const alike = rows.filter((row) => own.has(row));
    if (alike.some((row) => row.includes(" histogram "))) yield "with histograms";
    if (alike.length > 0 && !/^(?:up|scrape_\w+)\{/.test(name)) yield "with samples";
  }
  for (const [name, rows] of theirs.exemplars) {
    const [own, other] = [inOrdinals(ours, name), inOrdinals(theirs, name)];
    if (rows.length > 0 && own.join() === other.join()) yield "with exemplars";
  }
  if (
    theirs.stored?.scrapes.some(
      (_, step) => (errorOf(theirs, step) ?? "") !== "" && errorOf(ours, step) === errorOf(theirs, step),
    )
  )
    yield "with failed scrapes";
}

/**
 * Reports whether a difference that was already explained also explains why this series differs or cannot be compared.
 */
function isExplainedBefore(
  until: number,
  difference: Difference,
  explain: (difference: Difference) => ScrapeRule | undefined,
): boolean {
  if (difference.kind !== "series" || until === Infinity) return false;
  const before = (rows: string): string =>
    rows
      .split(", ")
      .filter((row) => !(Number(/^#(\d+)/.exec(row)?.[1]) >= until))
      .join(", ");
  const [ours, theirs] = [before(difference.ours), before(difference.theirs)];
  return ours === theirs || explain({ ...difference, ours, theirs }) !== undefined;
}

function* differencesOf(episode: Episode, ours: TwinObservations, theirs: TwinObservations): Generator<Difference> {
  const count = episode.steps.length;
  if (ours.stored === undefined || theirs.stored === undefined) {
    if (ours.stored !== theirs.stored)
      yield {
        kind: "scrapes",
        step: 0,
        what: "scraped at all",
        ours: String(ours.stored !== undefined),
        theirs: String(theirs.stored !== undefined),
      };
    return;
  }
  for (const name of COMPARED_HEADERS) {
    const [own, other] = [ours.requestHeaders[name] ?? "", theirs.requestHeaders[name] ?? ""];
    if (own !== other) yield { kind: "request", step: 0, what: name, ours: own, theirs: other };
  }
  yield* lostScrapes("ours", episode, ours);
  yield* lostScrapes("theirs", episode, theirs);
  for (let step = 0; step < count; step++) {
    const own = errorOf(ours, step);
    const other = errorOf(theirs, step);
    // The timeouts of scrapes are always known, because both servers log them. Another error may have disappeared
    // before the test observed it.
    if (isLate(ours, step) !== isLate(theirs, step)) {
      yield { kind: "late", step, what: `scrape #${step}`, ours: String(own), theirs: String(other) };
      continue;
    }
    // The error of this scrape is not compared if it was not observed in time: on a busy machine, the error of the
    // previous or the next scrape may have been observed instead. The samples are still compared.
    if (![own, other].includes(DEADLINE) && (own === errorOf(theirs, step - 1) || other === errorOf(ours, step - 1)))
      continue;
    if (own !== undefined && other !== undefined && own !== other && own !== "" && other !== "")
      yield { kind: "error", step, what: `scrape #${step}`, ours: own, theirs: other };
  }
  const [ups, otherUps] = [upsOf(ours.stored), upsOf(theirs.stored)];
  const step = ups.findIndex((row, i) => row !== otherUps[i]);
  const late = [ours, theirs].some((twin) => isLate(twin, step));
  if (step >= 0) yield { kind: late ? "late" : "up", step, what: "up", ours: ups[step]!, theirs: otherUps[step] ?? "" };
  yield* seriesDifferences(ours.stored, theirs.stored);
  yield* exemplarDifferences(count, ours, theirs);
  const own = ours.metadata.filter((row) => !theirs.metadata.includes(row)).join("\n");
  const other = theirs.metadata.filter((row) => !ours.metadata.includes(row)).join("\n");
  if (own !== other) yield { kind: "metadata", step: count, what: "metadata", ours: own, theirs: other };
}

/** Time in ms after the start of the next scrape until which a failure may still be logged. */
const LATE_MS = 1000;

const LOST_HEADS: ReadonlySet<string> = new Set(["cut-head", "reset-head"]);

/** Time in ms after a request within which the server may repeat it for the same scrape, if its connection was lost. */
const REPEATED_MS = 2000;

/** Largest difference in ms between the time of a scrape (its tick) and the time of its request. */
const ALIGNED_MS = 100;

/** Maximum difference between the clocks of two processes, ms. A lost scrape makes a difference of a whole interval. */
const CLOCK_MS = 500;

/**
 * Returns the error of scrape number `step`. Returns "" if the scrape succeeded, and undefined if its result was not
 * observed.
 */
function errorOf({ stored, errors, failures }: TwinObservations, step: number): string | undefined {
  const [from = Infinity, to = Infinity] = stored!.scrapes.slice(step);
  // Late log lines about timeouts are accepted, because a log line may be late on a busy machine.
  const line = failures.find(
    ({ time, message }) => time >= from && time < (message.includes("deadline") ? to + LATE_MS : to),
  );
  return errors.get(from) ?? line?.message;
}

/** Reports whether scrape number `step` timed out. */
const isLate = (twin: TwinObservations, step: number): boolean =>
  errorOf(twin, step)?.includes("deadline exceeded") === true;

/** A scrape request counts as lost if the target has not received it this many ms before the next scrape starts. */
const SEEN_MS = 100;

/**
 * Returns the number of the first scrape whose request the target did not receive, or -1. For this and later scrapes,
 * the target's n-th answer no longer belongs to the n-th scrape.
 */
const unseenScrape = (requestTimes: readonly number[], scrapes: readonly number[]): number =>
  scrapes.findIndex((_, i) => (requestTimes[i] ?? Infinity) > (scrapes[i + 1] ?? Infinity) - SEEN_MS);

/**
 * Yields a difference for each request to the target whose result is not stored. Only the last request may still be in
 * progress and have no result. On a busy machine a scrape may time out before the target receives the request; there
 * are then more results than requests.
 */
function* lostScrapes(twin: string, episode: Episode, observations: TwinObservations): Generator<Difference> {
  const { stored, requestTimes: all } = observations;
  // Whether a request is a repetition: if a kept connection is lost before a response, the same scrape repeats its
  // request once.
  const isRepeated = (time: number, i: number): boolean => {
    const before = all[i - 1] ?? -Infinity;
    return (
      time - before < REPEATED_MS &&
      LOST_HEADS.has(episode.steps[i - 1]?.fault ?? "none") &&
      !stored!.scrapes.some((begun) => begun > before + ALIGNED_MS && begun <= time)
    );
  };
  const requestTimes = all.filter((time, i) => !isRepeated(time, i));
  const unseen = unseenScrape(requestTimes, stored!.scrapes);
  if (unseen >= 0 && isLate(observations, unseen)) {
    yield { kind: "late", step: unseen, what: `${twin}: the target has not seen the request`, ours: "", theirs: "" };
    return;
  }
  const inStep = stored!.scrapes.every((time, i) => time <= (requestTimes[i] ?? Infinity) + CLOCK_MS);
  if (inStep && Math.abs(requestTimes.length - stored!.scrapes.length) <= 1) return;
  const [first = 0] = requestTimes;
  const shown = [requestTimes, stored!.scrapes].map((times) => times.map((time) => time - first).join(" "));
  const late = stored!.scrapes.findIndex((_, step) => isLate(observations, step));
  const isUnseen = stored!.scrapes.length > requestTimes.length && late >= 0;
  const [kind, step] = isUnseen ? (["late", late] as const) : (["scrapes", 0] as const);
  yield { kind, step, what: `${twin}: requested at, stored at`, ours: shown[0]!, theirs: shown[1]! };
}

/**
 * Reports whether a stored row belongs to a scrape that Prometheus 3.5 rolled back. Version 3.5 logs the histograms of
 * such a scrape: the histograms are in its folder, but not in its memory.
 */
const isRolledBack = (row: string, failed: ReadonlySet<number>): boolean =>
  row.includes(" histogram ") && failed.has(stepOf(row));

/**
 * Reports whether a row is a converted histogram (a classic one stored as native) with an explicit time that Prometheus
 * 3.5 has lost in its log. The log contains a histogram's stale marker before the converted histograms of the same
 * scrape. A converted histogram that is older than the marker is out of order when the log is read.
 */
const isLostInLog = (row: string, theirs: readonly string[]): boolean =>
  /^@\d+ histogram .* bounds /.test(row) &&
  !theirs.includes(row) &&
  theirs.some((other) => other.endsWith(" stale histogram"));

function* seriesDifferences(ours: ObservedTarget, theirs: ObservedTarget): Generator<Difference> {
  const failed = new Set(upsOf(theirs).flatMap((row) => (row.endsWith(" 0") ? [stepOf(row)] : [])));
  for (const name of new Set([...ours.series.keys(), ...theirs.series.keys()])) {
    const all = theirs.series.get(name) ?? [];
    const other = all.filter((row) => !isRolledBack(row, failed));
    const own = (ours.series.get(name) ?? []).filter((row) => !isLostInLog(row, other));
    for (let i = 0; i < Math.max(own.length, other.length); i++) {
      if (own[i] === other[i]) continue;
      // The reset hint of a histogram is ignored, because it also depends on histograms that were rolled back.
      if (other.length < all.length && own[i] !== undefined && withoutHint(own[i]!) === withoutHint(other[i] ?? ""))
        continue;
      const step = Math.min(stepOf(own[i]), stepOf(other[i]));
      yield { kind: "series", step, what: name, ours: own.slice(i).join(", "), theirs: other.slice(i).join(", ") };
      break;
    }
  }
}

const withoutHint = (row: string): string => row.replace(/ (?:unknown|not-reset|reset)$/, "");

const upsOf = ({ series }: ObservedTarget): readonly string[] =>
  [...series].find(([name]) => name.startsWith("up{"))?.[1] ?? [];

/** Returns the number of the scrape that stored a row; unknown for rows with explicit times. */
function stepOf(row: string | undefined): number {
  const scrape = row === undefined ? undefined : /^#(\d+)/.exec(row)?.[1];
  return scrape === undefined ? 10_000 : Number(scrape);
}

/** Returns the exemplars of a series, in which times of scrapes are replaced by the numbers of the scrapes. */
const inOrdinals = ({ stored, exemplars }: TwinObservations, name: string): string[] =>
  (exemplars.get(name) ?? []).map((row) => {
    const [time = "", ...rest] = row.split(" ");
    const scrape = stored?.scrapes.indexOf(Number(time)) ?? -1;
    return [scrape < 0 ? `@${time}` : `#${scrape}`, ...rest].join(" ");
  });

function* exemplarDifferences(count: number, ours: TwinObservations, theirs: TwinObservations): Generator<Difference> {
  const comparable = (twin: TwinObservations, name: string): string[] =>
    inOrdinals(twin, name).filter((row) => stepOf(row) < count || stepOf(row) === 10_000);
  for (const name of new Set([...ours.exemplars.keys(), ...theirs.exemplars.keys()])) {
    const [own, other] = [comparable(ours, name), comparable(theirs, name)];
    if (own.join("\n") === other.join("\n")) continue;
    const { ep: _, __name__: metric = "", ...labels } = Object.fromEntries(JSON.parse(name) as [string, string][]);
    const samples = ours.stored!.series.get(nameOf(Labels.of([["__name__", metric], ...Object.entries(labels)]))) ?? [];
    const lacksExemplars = other.some((row) => {
      const isOfScrape = (one: string): boolean =>
        row.startsWith("#") && one.startsWith(row.slice(0, row.indexOf(" ") + 1));
      return samples.some((one) => isOfScrape(one) && !one.includes(" stale")) && !own.some(isOfScrape);
    });
    yield {
      kind: "exemplars",
      step: count,
      what: name,
      ours: own.join("\n"),
      theirs: other.join("\n"),
      lacksExemplars,
    };
  }
}

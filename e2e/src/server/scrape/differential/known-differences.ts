import type { KnownDifference } from "../../../support/known-differences.ts";
import type { Difference } from "./comparison.ts";
import type { Episode, Step } from "./episode.ts";

/** A difference between the servers, with the episode (a target and its answers) in which it was found. */
export interface EpisodeDifference extends Difference {
  readonly episode: Episode;
  /** Whether the server or the target waited for a CPU during the scrape. */
  readonly isStarved: boolean;
  /** Whether a chunk range begins during the episode. The first histogram of a chunk has no previous histogram. */
  readonly isAtBorder: boolean;
  /**
   * Whether our server lacks exemplars: it stored a sample of the series in a scrape, but no exemplar of the series in
   * this scrape.
   */
  readonly lacksExemplars: boolean;
}

/** A rule for an accepted difference between the samples that Narthex and Prometheus store. */
export interface ScrapeRule extends KnownDifference<EpisodeDifference> {
  /** Whether the later scrapes of the episode are not compared, because the difference affects them. */
  readonly ends: boolean;
}

interface EpisodeRule extends Omit<ScrapeRule, "applies"> {
  readonly applies: (difference: EpisodeDifference, episode: Episode) => boolean;
}

const LABEL_LIMIT = /^label_(?:name|value)_length_limit exceeded \(metric: /;

const RULES: readonly EpisodeRule[] = [
  {
    reason: "the first histogram of a chunk follows none, and scrapes at the border of chunks are some ms apart",
    share: 1,
    ends: false,
    applies: ({ kind, isAtBorder }) => kind === "series" && isAtBorder,
    normalise: ({ ours, theirs }) => [withoutHints(ours), withoutHints(theirs)],
  },
  {
    reason: "3.5 does not convert gauge histograms of protobuf",
    since: "3.14",
    share: 0.015,
    ends: true,
    applies: ({ kind, step, ours, theirs }, { settings, steps }) =>
      // A converted histogram has another name, which an error about its labels contains.
      (kind === "series" || (kind === "error" && [ours, theirs].every((error) => LABEL_LIMIT.test(error)))) &&
      settings["convert_classic_histograms_to_nhcb"] === "true" &&
      (steps[step]?.text.includes(" is a gaugehistogram") ?? false),
  },
  {
    reason: "where a damaged zip gives up depends on the decoder",
    share: 0.015,
    ends: true,
    applies: ({ kind, step }, { steps }) => kind === "error" && steps[step]?.what === "wrong bits",
  },
  {
    reason: "3.14 looks whether spans and buckets of a histogram agree before it takes it for a sample",
    since: "3.14",
    share: 0.015,
    ends: true,
    applies: ({ kind, ours, theirs }) =>
      kind === "error" && ours.includes(" side: spans require ") && theirs.includes(" side: spans need "),
  },
  {
    reason: "of a zipped body that is longer than the limit and cut, we report the cut",
    share: 0.015,
    ends: false,
    applies: ({ kind, step, theirs }, { steps }) =>
      kind === "error" && theirs === "body size limit exceeded" && steps[step]?.what === "cut",
  },
  {
    reason: "a scrape took longer than its timeout on one side, and the machine was busy",
    share: 0.1,
    ends: true,
    applies: (difference) => difference.isStarved && isLate(difference),
  },
  {
    reason: "a scrape took longer than its timeout on one side",
    share: 0.005,
    ends: true,
    applies: (difference) => isLate(difference),
  },
  {
    reason: "3.5 refuses units in protobuf that their family's name does not end with; 3.14 does not",
    since: "3.14",
    share: 0.015,
    ends: true,
    applies: ({ kind, theirs }, { settings, steps }) =>
      kind === "error" && theirs.includes("not a suffix of metric") && mayBeProtobuf(settings, steps),
  },
  {
    reason: "3.5 does not count native histograms towards sample_limit",
    since: "3.14",
    share: 0.015,
    ends: true,
    applies: ({ kind, ours, theirs }, { settings }) =>
      (kind === "error" && ours === "sample limit exceeded" && theirs !== ours) ||
      (kind === "up" && settings["sample_limit"] !== undefined && ours.endsWith(" 0") && theirs.endsWith(" 1")),
  },
  {
    reason: "3.5 writes the float histograms of a scrape that fails into its log",
    since: "3.14",
    share: 0.015,
    ends: false,
    applies: ({ kind, ours, theirs }, { settings, steps }) =>
      kind === "series" &&
      theirs.includes(" histogram float ") &&
      !ours.includes(" histogram float ") &&
      Object.keys(settings).some((name) => name.endsWith("_limit")) &&
      steps.some((one) => isProtobuf(one)),
  },
  {
    reason: "3.5 counts the ends of series that the limit refused in the scrape before towards sample_limit",
    since: "3.14",
    share: 0.015,
    ends: true,
    applies: ({ kind, step, ours, theirs }, { settings, steps }) =>
      kind === "up" &&
      settings["sample_limit"] !== undefined &&
      ours.endsWith(" 1") &&
      theirs.endsWith(" 0") &&
      steps.slice(0, step).some(({ text }) => samplesIn(text) > Number(settings["sample_limit"])),
  },
  {
    reason: "3.5 remembers series that a limit refused, and does not count them as added when they are taken",
    since: "3.14",
    share: 0.05,
    ends: false,
    applies: ({ kind, step, what }, { settings, steps }) =>
      kind === "series" &&
      what.startsWith("scrape_series_added{") &&
      (settings["native_histogram_bucket_limit"] !== undefined ||
        (settings["sample_limit"] !== undefined &&
          steps
            .slice(0, step + 1)
            .some((one) => isProtobuf(one) || samplesIn(one.text) > Number(settings["sample_limit"])))),
  },
  {
    reason: "3.5 looks at the labels of histograms beyond sample_limit, and gives up where one stands twice",
    since: "3.14",
    share: 0.015,
    ends: false,
    applies: ({ kind, step, what, ours, theirs }, { settings, steps }) =>
      settings["sample_limit"] !== undefined &&
      settings["convert_classic_histograms_to_nhcb"] === "true" &&
      // Metadata is compared once, after the last step. Only our server reads the families after the line with the
      // repeated label.
      (kind === "metadata"
        ? isEarlierMetadata(theirs, ours) && steps.some(({ text }) => LABEL_TWICE.test(text))
        : LABEL_TWICE.test(steps[step]?.text ?? "") &&
          ((kind === "error" && theirs.endsWith(" is not unique: invalid sample")) ||
            (kind === "series" && what.startsWith("scrape_samples_") && numberOf(theirs) < numberOf(ours)))),
  },
  {
    reason: "a sample that is too old and has a label twice ends the scrape here; 3.5 looks at its time first",
    since: "3.14",
    share: 0.015,
    ends: true,
    applies: ({ kind, step, what, ours, theirs }, { steps }) =>
      LABEL_TWICE.test(steps[step]?.text ?? "") &&
      OWN_TIME.test(steps[step]?.text ?? "") &&
      ((kind === "error" && ours.endsWith(" is not unique: invalid sample")) ||
        (kind === "up" && ours.endsWith(" 0")) ||
        (kind === "series" && what.startsWith("scrape_samples_") && numberOf(ours) !== numberOf(theirs))),
  },
  {
    reason: "3.5 remembers the labels of a line whose sample it refused, although its family has another type by now",
    since: "3.14",
    share: 0.06,
    ends: false,
    applies: ({ kind, what, ours, theirs }, { steps }) => {
      if (kind === "exemplars") {
        const { __name__: name = "", le } = Object.fromEntries(JSON.parse(what) as [string, string][]);
        return le !== undefined && typesOf(name.replace(/_bucket$/, ""), steps).size > 1;
      }
      return (
        kind === "series" &&
        /(?:le|quantile)="/.test(what) &&
        (ours === "" || theirs === "" || startsStale(ours) || firstStep(ours) !== firstStep(theirs)) &&
        typesOf(what.replace(/(?:_bucket)?\{.*/s, ""), steps).size > 1
      );
    },
  },
  {
    reason: "3.5 marks the end also of series whose samples were refused, or takes them for going on",
    since: "3.14",
    share: 0.2,
    ends: false,
    applies: ({ kind, ours, theirs }, { settings }) =>
      kind === "series" &&
      (settings["track_timestamps_staleness"] === "true" ||
        settings["sample_limit"] !== undefined ||
        settings["native_histogram_bucket_limit"] !== undefined) &&
      (ours === "" || startsStale(ours) || startsStale(theirs)),
  },
  {
    reason:
      "3.5 knows series by the labels exposed, not by those stored: it marks ends of some that go on under others",
    since: "3.14",
    share: 0.015,
    ends: false,
    applies: ({ kind, ours, theirs }, { settings, steps }) =>
      kind === "series" &&
      startsStale(theirs) &&
      firstStep(theirs) < firstStep(ours) &&
      (/labeldrop|target_label: (?:instance|zone|__name__)/.test(settings["metric_relabel_configs"] ?? "") ||
        steps.some(({ text }) => LABEL_TWICE.test(text))),
  },
  {
    reason: "3.5 takes a series whose first histogram was rolled back for one of histograms when it marks its end",
    since: "3.14",
    share: 0.015,
    ends: false,
    applies: ({ kind, ours, theirs }, { settings, steps }) => {
      const own = withoutHints(ours);
      const other = withoutHints(theirs.replaceAll(/(#\d+ stale) histogram/g, "$1"));
      // A repeated label may make only our server refuse a later scrape. With a label limit, both servers refuse the
      // scrape.
      const mayBePart = settings["label_limit"] !== undefined || steps.some(({ text }) => LABEL_TWICE.test(text));
      return kind === "series" && startsStale(ours) && (other === own || (mayBePart && isPart(own, other, ", ")));
    },
  },
  {
    reason: "3.5 loses _created series while it looks for them on behalf of converted histograms",
    since: "3.14",
    share: 0.06,
    ends: true,
    applies: ({ kind, step, what, ours }, { settings, steps }) =>
      settings["convert_classic_histograms_to_nhcb"] === "true" &&
      ((kind === "error" && ours.includes("_created")) ||
        (kind === "series" && (what.includes("_created{") || what.startsWith("scrape_samples_")))) &&
      (steps[step]?.text.includes("_created") ?? false),
  },
  {
    reason:
      "3.5 loses labels without a value of histograms converted from protobuf, and gives them the target's instead",
    since: "3.14",
    share: 0.015,
    ends: false,
    applies: ({ kind, ours, theirs }, { settings, steps }) =>
      kind === "series" &&
      settings["convert_classic_histograms_to_nhcb"] === "true" &&
      settings["honor_labels"] === "true" &&
      steps.some((step) => isProtobuf(step) && / (?:instance|job) {2}/.test(step.text)) &&
      (ours === "" || theirs === ""),
  },
  {
    reason: "3.5 gives histograms converted from protobuf the time of the metric behind them, and all exemplars",
    since: "3.14",
    share: 0.05,
    ends: true,
    applies: ({ kind, what }, { settings, steps }) =>
      settings["convert_classic_histograms_to_nhcb"] === "true" &&
      steps.some(isProtobuf) &&
      (kind === "exemplars" ||
        (kind === "series" &&
          !what.startsWith("scrape_") &&
          steps.some((step) => isProtobuf(step) && /@\d/.test(step.text)))),
  },
  {
    reason: "3.5 collects two histograms of protobuf with the same labels into one, and makes nothing of it",
    since: "3.14",
    share: 0.015,
    ends: true,
    applies: ({ kind, step }, { settings, steps }) =>
      kind === "series" &&
      settings["convert_classic_histograms_to_nhcb"] === "true" &&
      steps[step] !== undefined &&
      isProtobuf(steps[step]) &&
      HISTOGRAM_TWICE.test(steps[step].text),
  },
  {
    reason: "what stands twice in one scrape is refused at once; 3.5 counts it as added and refuses it when it commits",
    since: "3.14",
    share: 0.12,
    ends: false,
    applies: ({ kind, what, ours, theirs }) =>
      kind === "series" && what.startsWith("scrape_series_added{") && numberOf(ours) < numberOf(theirs),
  },
  {
    reason: "upstream takes a series that is written like a converted histogram of the scrape before for a known one",
    share: 0.015,
    ends: false,
    applies: ({ kind, what }, { settings }) =>
      kind === "series" &&
      what.startsWith("scrape_series_added{") &&
      settings["convert_classic_histograms_to_nhcb"] === "true",
  },
  {
    reason: "3.5 forgets where it is in the exemplars of a family's second native histogram, and loses some",
    since: "3.14",
    share: 0.05,
    ends: false,
    applies: ({ kind, what }, { steps }) =>
      kind === "exemplars" && steps.some(isProtobuf) && !what.includes('_bucket"'),
  },
  {
    reason: "3.5 logs histograms with times of their own of a scrape that it rolls back",
    since: "3.14",
    share: 0.015,
    ends: false,
    applies: ({ kind, ours, theirs }) => {
      const [own, rows] = [ours, theirs].map((shown) =>
        withoutHints(shown)
          .split(", ")
          .filter((row) => row !== ""),
      );
      const isOfOwnTime = (row: string): boolean => /^@\d+ histogram/.test(row);
      // Samples with explicit times may precede samples that are already in our server's log, and are then out of
      // order.
      return (
        kind === "series" &&
        rows!.some((row) => isOfOwnTime(row) && !own!.includes(row)) &&
        own!.every((row) => isOfOwnTime(row) || rows!.includes(row) || /^#\d+ stale$/.test(row))
      );
    },
  },
  {
    reason:
      "3.5 takes exemplars of samples that it refuses, of several lines that relabeling makes one series for instance",
    since: "3.14",
    share: 0.015,
    ends: false,
    applies: ({ kind }, { settings }) =>
      kind === "exemplars" &&
      /labeldrop|target_label: (?:instance|zone|__name__)/.test(settings["metric_relabel_configs"] ?? ""),
  },
  {
    reason: "an exemplar of a stored sample is missing: others of its series are newer, or the sample stands twice",
    share: 0.015,
    ends: false,
    applies: ({ kind, lacksExemplars }) => kind === "exemplars" && lacksExemplars,
  },
  {
    reason: "3.5 takes exemplars of samples that it refuses, and then finds others too old; 3.14 does not",
    since: "3.14",
    share: 0.08,
    ends: false,
    applies: ({ kind, ours, theirs, lacksExemplars }) =>
      kind === "exemplars" && !lacksExemplars && !isPart(theirs, ours),
  },
  {
    reason:
      "a request goes out again where a kept connection is lost, and which are kept depends on the timeouts before",
    share: 0.015,
    ends: true,
    applies: ({ kind, step }, { steps }) =>
      (kind === "error" || kind === "up") && ["cut-head", "reset-head"].includes(steps[step]?.fault ?? ""),
  },
];

/** Reports whether all metric families in the metadata `rows` are also in `later`. */
const isEarlierMetadata = (rows: string, later: string): boolean => {
  const families = new Set(later.split("\n").map(familyOf));
  return rows === "" || rows.split("\n").every((row) => families.has(familyOf(row)));
};

/** Returns the metric family of a metadata row, without type, help and unit. */
const familyOf = (row: string): string => row.replace(/ \w+ ".*$/, "");

/** Reports whether a scrape timed out at only one of the servers. */
const isLate = ({ kind, ours, theirs }: Difference): boolean =>
  kind === "late" || (kind === "error" && ours.includes("deadline exceeded") !== theirs.includes("deadline exceeded"));

/** Removes the reset hints of histograms, which depend on the histograms before them. */
const withoutHints = (rows: string): string =>
  rows.replace(/ (?:unknown|not-reset|reset)(?=,|$)/g, "").replaceAll(" stale histogram", " stale");

/** Returns the sample value in the first row. */
const numberOf = (rows: string): number => Number(/^#\d+ (\d+)/.exec(rows)?.[1]);

/** Returns the number of samples in a text exposition: lines that are neither blank nor comments. */
const samplesIn = (text: string): number => text.split("\n").filter((line) => /^[^#\s]/.test(line)).length;

/**
 * Returns the types of a family: for each step's text, the type in the last TYPE line before the family's first sample.
 */
const typesOf = (family: string, steps: Episode["steps"]): ReadonlySet<string> => {
  const types = new Set<string>();
  for (const { text } of steps) {
    const lines = text.split("\n");
    const first = lines.findIndex((line) => !line.startsWith("#") && line.includes(family));
    if (first < 0) continue;
    const typeLine = lines.slice(0, first).findLast((line) => /^#\s+TYPE/.test(line));
    types.add(typeLine?.split(/\s+/).at(-1) ?? "");
  }
  return types;
};

const isPart = (some: string, all: string, separator = "\n"): boolean => {
  const rows = new Set(all.split(separator));
  return some === "" || some.split(separator).every((row) => rows.has(row));
};

const firstStep = (rows: string): number => Number(/^#(\d+)/.exec(rows)?.[1] ?? Infinity);

const startsStale = (rows: string): boolean => /^#\d+ stale/.test(rows);

/** Matches a line in which a label occurs twice with the same value. */
const LABEL_TWICE = /[{,]\s*((?:\w+|"[^"\n]*")\s*=\s*"[^"\n]*")[^\n]*,\s*\1/;

/** Matches a text with two histograms of one family that have the same labels. */
const HISTOGRAM_TWICE = /^(\s*__name__ \S+_count\b[^=]* = )[^]*^\1/m;

/** Matches a sample line with an explicit timestamp, ms. */
const OWN_TIME = /[ \t]\d{13}$/m;

const isProtobuf = ({ headers }: Step): boolean => headers.some(([, value]) => value.includes("protobuf"));

const mayBeProtobuf = (settings: Episode["settings"], steps: Episode["steps"]): boolean =>
  steps.some(isProtobuf) || settings["fallback_scrape_protocol"] === "PrometheusProto";

/**
 * All rules for accepted differences. They cover random differences, and differences between the compared Prometheus
 * 3.5 and 3.14, which our server follows.
 */
export const KNOWN: readonly ScrapeRule[] = RULES.map((rule) => ({
  ...rule,
  applies: (difference) => rule.applies(difference, difference.episode),
}));

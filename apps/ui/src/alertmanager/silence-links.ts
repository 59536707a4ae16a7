import type { Silence } from "../api/alertmanager.ts";
import type { LabelSet } from "../format/series-name.ts";
import { formatMatchers, matchersOf } from "./matcher-filter.ts";
import type { Matcher } from "./matcher-filter.ts";
import { silenceMatchers } from "./silence-draft.ts";

/** The form for a silence with these matchers. */
export const silenceLink = (matchers: readonly Matcher[], comment = ""): string => {
  const params = new URLSearchParams();
  if (matchers.length > 0) params.set("filter", formatMatchers(matchers));
  if (comment !== "") params.set("comment", comment);
  return `/silences/new?${params}`;
};

/** The form for a silence of one alert: all its labels. */
export const silenceAlertLink = (labels: LabelSet): string => silenceLink(matchersOf(labels));

/** The form for an ended silence once more: its matchers and comment, not its times. */
export const recreateLink = (silence: Silence): string => silenceLink(silenceMatchers(silence), silence.comment);

import type { Silence } from "../api/alertmanager.ts";
import type { LabelSet } from "../format/series-name.ts";
import { formatMatchers, matchersOf } from "./matcher-filter.ts";
import type { Matcher } from "./matcher-filter.ts";
import { silenceMatchers } from "./silence-draft.ts";

export const silenceLink = (matchers: readonly Matcher[], comment = ""): string => {
  const params = new URLSearchParams();
  if (matchers.length > 0) params.set("filter", formatMatchers(matchers));
  if (comment !== "") params.set("comment", comment);
  return `/silences/new?${params}`;
};

export const silenceAlertLink = (labels: LabelSet): string => silenceLink(matchersOf(labels));

/** Returns a link to the form for a new silence, filled with the matchers and the comment of an expired silence. */
export const recreateLink = (silence: Silence): string => silenceLink(silenceMatchers(silence), silence.comment);

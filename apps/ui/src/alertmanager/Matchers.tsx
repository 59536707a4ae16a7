import { formatMatcher } from "./matcher-filter.ts";
import type { Matcher } from "./matcher-filter.ts";

/** Matchers as small tags. */
export function Matchers({ matchers }: { matchers: readonly Matcher[] }) {
  return (
    <span className="labels">
      {matchers.map((matcher) => (
        <span key={formatMatcher(matcher)} className="label-tag">
          {formatMatcher(matcher)}
        </span>
      ))}
    </span>
  );
}

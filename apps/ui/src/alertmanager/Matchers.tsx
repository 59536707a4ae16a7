import { formatMatcher } from "./matcher-filter.ts";
import type { Matcher } from "./matcher-filter.ts";
import { Tag, TagList } from "../shell/Labels.tsx";

export function Matchers({ matchers }: { matchers: readonly Matcher[] }) {
  return (
    <TagList>
      {matchers.map((matcher) => (
        <Tag key={formatMatcher(matcher)}>{formatMatcher(matcher)}</Tag>
      ))}
    </TagList>
  );
}

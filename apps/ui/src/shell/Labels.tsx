import { quoteLabelName, quoteString, sortedLabels } from "../format/series-name.ts";
import type { LabelSet } from "../format/series-name.ts";

/** Labels as small tags, `name="value"`, sorted by name. */
export function Labels({ labels, hide = [] }: { labels: LabelSet; hide?: readonly string[] }) {
  const pairs = sortedLabels(labels).filter(([name]) => !hide.includes(name));
  return (
    <span className="labels">
      {labels["__name__"] !== undefined && <span className="label-tag label-metric">{labels["__name__"]}</span>}
      {pairs.map(([name, value]) => (
        <span key={name} className="label-tag">
          <span className="label-name">{quoteLabelName(name)}</span>={quoteString(value)}
        </span>
      ))}
    </span>
  );
}

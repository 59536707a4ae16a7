import type { ScrapeConfig } from "@narthex/config";
import { type Labels, METRIC_NAME, quote } from "@narthex/model";

type LabelLimits = Pick<ScrapeConfig, "labelLimit" | "labelNameLengthLimit" | "labelValueLengthLimit">;

/** Maximum length of metric names in messages, in characters. */
const SHOWN_LENGTH = 50;

/**
 * Returns Prometheus' error message for the label limit that a series exceeds, or undefined.
 * @param more number of labels with a repeated name, which are not in `labels`
 */
export function labelLimitProblem(labels: Labels, limits: LabelLimits, more = 0): string | undefined {
  const { labelLimit, labelNameLengthLimit, labelValueLengthLimit } = limits;
  const metric = labels.get(METRIC_NAME).slice(0, SHOWN_LENGTH);
  const count = labels.size + more;
  if (labelLimit > 0 && count > labelLimit) {
    return `label_limit exceeded (metric: ${metric}, number of labels: ${count}, limit: ${labelLimit})`;
  }
  if (labelNameLengthLimit === 0 && labelValueLengthLimit === 0) return undefined;
  for (const [name, value] of labels) {
    const nameLength = Buffer.byteLength(name);
    const shown = name.slice(0, SHOWN_LENGTH);
    if (labelNameLengthLimit > 0 && nameLength > labelNameLengthLimit) {
      return `label_name_length_limit exceeded (metric: ${metric}, label name: ${shown}, length: ${nameLength}, limit: ${labelNameLengthLimit})`;
    }
    const valueLength = Buffer.byteLength(value);
    if (labelValueLengthLimit > 0 && valueLength > labelValueLengthLimit) {
      const cut = quote(value.slice(0, SHOWN_LENGTH));
      return `label_value_length_limit exceeded (metric: ${metric}, label name: ${shown}, value: ${cut}, length: ${valueLength}, limit: ${labelValueLengthLimit})`;
    }
  }
  return undefined;
}

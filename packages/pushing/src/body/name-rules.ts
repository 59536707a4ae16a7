import { isLabelName, isLegacyLabelName, isLegacyMetricName, isMetricName } from "@narthex/model";

/** Rules for the metric and label names that a push may contain, and for the notation of label names in the URL. */
export interface NameRules {
  isMetric(name: string): boolean;
  isLabel(name: string): boolean;
  /** Returns the label name that a segment of the URL path represents. */
  unescape(segment: string): string;
}

/** Allows only names that every version of Prometheus supports. In the URL, label names are written without escapes. */
export const LEGACY_NAMES: NameRules = {
  isMetric: isLegacyMetricName,
  isLabel: isLegacyLabelName,
  unescape: (segment) => segment,
};

/** Allows any UTF-8 name (--push.enable-utf8-names). In the URL, `U__foo_2e_bar` represents `foo.bar`. */
export const UTF8_NAMES: NameRules = {
  isMetric: (name) => isMetricName(name, "utf8"),
  isLabel: (name) => isLabelName(name, "utf8"),
  unescape: unescapeName,
};

const ESCAPED = /__|_([0-9a-fA-F]{1,6})_|[^_]/gy;

/**
 * Decodes a name in Prometheus' escaping scheme "values", such as `U__foo_2e_bar`. Returns any other text unchanged.
 */
function unescapeName(segment: string): string {
  if (!segment.startsWith("U__")) return segment;
  const body = segment.slice(3);
  let name = "";
  let at = 0;
  ESCAPED.lastIndex = 0;
  for (let part = ESCAPED.exec(body); part !== null; part = ESCAPED.exec(body)) {
    const code = part[1] === undefined ? undefined : parseInt(part[1], 16);
    if (code !== undefined && (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))) return segment;
    name += code === undefined ? part[0].slice(-1) : String.fromCodePoint(code);
    at = ESCAPED.lastIndex;
  }
  return at === body.length ? name : segment;
}

import { isLabelName, isLegacyLabelName, isLegacyMetricName, isMetricName } from "@narthex/model";

/** The metric and label names that a push may use, and the spelling of label names in its URL. */
export interface NameRules {
  isMetric(name: string): boolean;
  isLabel(name: string): boolean;
  /** Returns the label of a path segment. */
  unescape(segment: string): string;
}

/** The names that every Prometheus supports; path segments are used unchanged. */
export const LEGACY_NAMES: NameRules = {
  isMetric: isLegacyMetricName,
  isLabel: isLegacyLabelName,
  unescape: (segment) => segment,
};

/** Any UTF-8 (--push.enable-utf8-names); `U__foo_2e_bar` in a path is `foo.bar`. */
export const UTF8_NAMES: NameRules = {
  isMetric: (name) => isMetricName(name, "utf8"),
  isLabel: (name) => isLabelName(name, "utf8"),
  unescape: unescapeName,
};

const ESCAPED = /__|_([0-9a-fA-F]{1,6})_|[^_]/gy;

/** Decodes the "values" escaping. Another text is returned unchanged. */
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

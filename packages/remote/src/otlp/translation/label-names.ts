import type { OtlpConfig } from "@narthex/config";
import { escapesNames } from "./metric-names.ts";

/** Converts the name of an attribute to the name of a label. */
export type LabelNamer = (attribute: string) => string;

const NOT_OF_LABELS = /[^A-Za-z0-9_]/gu;
const UNDERSCORES = /__+/g;
const RESERVED = /^__(?<inner>.*)__$/s;

/**
 * Returns the function that converts attribute names by the rules in the configuration. A name without usable
 * characters becomes "".
 */
export function labelNamer(config: OtlpConfig): LabelNamer {
  const { labelNameUnderscoreSanitization: prefixes, labelNamePreserveMultipleUnderscores: keepsRuns } = config;
  if (!escapesNames(config.translationStrategy)) return (attribute) => attribute;
  const names = new Map<string, string>();
  return (attribute) => {
    let name = names.get(attribute);
    if (name !== undefined) return name;
    name = prefixed(keepsRuns ? attribute.replace(NOT_OF_LABELS, "_") : collapsed(attribute), prefixes);
    // Clears the cache when it is full, because senders may use any number of attributes.
    if (names.size >= MAX_REMEMBERED) names.clear();
    names.set(attribute, name);
    return name;
  };
}

const MAX_REMEMBERED = 4096;

/** Replaces several underscores in a row by one, except those around a reserved name. */
function collapsed(attribute: string): string {
  const inner = RESERVED.exec(attribute)?.groups?.["inner"];
  const escaped = (inner ?? attribute).replace(NOT_OF_LABELS, "_").replace(UNDERSCORES, "_");
  return inner === undefined ? escaped : `__${escaped}__`;
}

function prefixed(name: string, underscore: boolean): string {
  if (/^[0-9]/.test(name)) return `key_${name}`;
  return underscore && /^_(?!_)/.test(name) ? `key${name}` : name;
}

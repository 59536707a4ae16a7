import type { OtlpConfig } from "@narthex/config";
import { escapesNames } from "./metric-names.ts";

/** Gives attributes the names that they have as labels. */
export type LabelNamer = (attribute: string) => string;

const NOT_OF_LABELS = /[^A-Za-z0-9_]/gu;
const UNDERSCORES = /__+/g;
const RESERVED = /^__(?<inner>.*)__$/s;

/** How a configuration names labels. A name of which nothing is left is "". */
export function labelNamer(config: OtlpConfig): LabelNamer {
  const { labelNameUnderscoreSanitization: prefixes, labelNamePreserveMultipleUnderscores: keepsRuns } = config;
  if (!escapesNames(config.translationStrategy)) return (attribute) => attribute;
  const names = new Map<string, string>();
  return (attribute) => {
    let name = names.get(attribute);
    if (name !== undefined) return name;
    name = prefixed(keepsRuns ? attribute.replace(NOT_OF_LABELS, "_") : collapsed(attribute), prefixes);
    // Attributes come from outside: what is remembered of them is bounded.
    if (names.size >= MAX_REMEMBERED) names.clear();
    names.set(attribute, name);
    return name;
  };
}

const MAX_REMEMBERED = 4096;

/** Underscores in a row become one; those around a reserved name stay. */
function collapsed(attribute: string): string {
  const inner = RESERVED.exec(attribute)?.groups?.["inner"];
  const escaped = (inner ?? attribute).replace(NOT_OF_LABELS, "_").replace(UNDERSCORES, "_");
  return inner === undefined ? escaped : `__${escaped}__`;
}

function prefixed(name: string, underscore: boolean): string {
  if (/^[0-9]/.test(name)) return `key_${name}`;
  return underscore && /^_(?!_)/.test(name) ? `key${name}` : name;
}

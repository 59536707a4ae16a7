import type { JsonObject } from "@narthex/dashboards";
import { flagAt, textAt, textsAt } from "../json-values.ts";

export interface AlertTarget {
  readonly kind: "alerts" | "groups" | "silences" | "receivers" | "status";
  /** Matchers such as `a="b"` and `a=~"b"`. */
  readonly filters: readonly string[];
  /** A regular expression for names of receivers; empty for all. */
  readonly receiver: string;
  readonly active: boolean;
  readonly silenced: boolean;
  readonly inhibited: boolean;
  readonly unprocessed: boolean;
}

const KINDS: ReadonlySet<string> = new Set(["groups", "silences", "receivers", "status"]);

/**
 * Reads a target of this data source or of the community's plugin for Alertmanager. In targets of the plugin, `filters`
 * is one text with commas.
 */
export function readAlertTarget(source: JsonObject): AlertTarget {
  const kind = textAt(source, "queryType");
  const text = textAt(source, "filters") || textAt(source, "filter");
  const listed = [...textsAt(source, "filter"), ...textsAt(source, "filters")];
  return {
    kind: KINDS.has(kind) ? (kind as AlertTarget["kind"]) : "alerts",
    filters: [...splitMatchers(text), ...listed].map((filter) => filter.trim()).filter((filter) => filter !== ""),
    receiver: textAt(source, "receiver"),
    active: flagAt(source, "active") ?? true,
    silenced: flagAt(source, "silenced") ?? false,
    inhibited: flagAt(source, "inhibited") ?? false,
    unprocessed: flagAt(source, "unprocessed") ?? false,
  };
}

/** Splits a text at commas outside of quotation marks. Removes braces around the whole text. */
export function splitMatchers(text: string): readonly string[] {
  const inside = text.trim().replace(/^\{/, "").replace(/\}$/, "");
  const parts: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let at = 0; at < inside.length; at++) {
    if (inside[at] === "\\") at++;
    else if (inside[at] === '"') isQuoted = !isQuoted;
    else if (inside[at] === "," && !isQuoted) {
      parts.push(inside.slice(from, at));
      from = at + 1;
    }
  }
  return [...parts, inside.slice(from)];
}

import { field, INVALID, listOf, section, type Section, text } from "@narthex/config";
import { isLabelName, type Matcher } from "@narthex/model";
import type { InhibitRule } from "./inhibition.ts";
import { fromMaps, matcherList, matchPatterns, matchTexts } from "../matchers/matcher-fields.ts";
import type { RouteDecodeOptions } from "./route-section.ts";

interface RawRule {
  readonly name: string;
  readonly targetMatch: ReadonlyMap<string, string>;
  readonly targetMatchRe: ReadonlyMap<string, string>;
  readonly targetMatchers: readonly Matcher[];
  readonly sourceMatch: ReadonlyMap<string, string>;
  readonly sourceMatchRe: ReadonlyMap<string, string>;
  readonly sourceMatchers: readonly Matcher[];
  readonly equal: readonly string[];
}

/** Returns the decoder for one rule of the configuration's `inhibit_rules`. */
export function inhibitSection(reading: RouteDecodeOptions): Section<InhibitRule & RawRule> {
  const matchers = matcherList(reading.mode, (message) => reading.warn(message));
  return section<RawRule, InhibitRule & RawRule>(
    "common.plain",
    {
      name: field("name", text, ""),
      sourceMatch: field("source_match", matchTexts, new Map()),
      sourceMatchRe: field("source_match_re", matchPatterns, new Map()),
      sourceMatchers: field("source_matchers", matchers, []),
      targetMatch: field("target_match", matchTexts, new Map()),
      targetMatchRe: field("target_match_re", matchPatterns, new Map()),
      targetMatchers: field("target_matchers", matchers, []),
      equal: field("equal", listOf(text), []),
    },
    (value, at, report) => {
      let sound = true;
      const refuse: typeof report = (position, code, message, hint) => {
        report(position, code, message, hint);
        sound = false;
      };
      for (const name of value.equal) {
        if (isLabelName(name, reading.mode === "classic" ? "legacy" : "utf8")) continue;
        refuse(at.equal, "bad-label-name", `invalid label name "${name}" in equal list`, "write a label's name");
      }
      const source = fromMaps(value.sourceMatch, value.sourceMatchRe, at.sourceMatch, refuse);
      const target = fromMaps(value.targetMatch, value.targetMatchRe, at.targetMatch, refuse);
      if (!sound) return INVALID;
      return {
        ...value,
        source: [...source, ...value.sourceMatchers],
        target: [...target, ...value.targetMatchers],
      };
    },
  );
}

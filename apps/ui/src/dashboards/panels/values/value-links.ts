import { interpolate } from "@narthex/dashboards";
import type { ReducedValue } from "./reduced-values.ts";
import { valueLookup } from "./value-names.ts";

/** A link of a value, ready to be followed. */
export interface ValueLink {
  readonly title: string;
  readonly url: string;
  readonly isNewTab: boolean;
}

/** More are not offered. */
const MAX_LINKS = 50;

/** Schemes that a link may have; what names none is an address of the same place. */
const SAFE_SCHEMES: ReadonlySet<string> = new Set(["http:", "https:", "mailto:", "tel:"]);

/** The address where following it runs no script; undefined otherwise. Browsers leave out blanks and control characters before a scheme, and tabs and line ends in it. */
export function safeAddress(address: string): string | undefined {
  const url = address.trim();
  if (url === "") return undefined;
  try {
    return SAFE_SCHEMES.has(new URL(url, "https://here.invalid/").protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}

/** The links of a value, a link that a click follows first; those that lead nowhere are left away. */
export function linksOf(value: ReducedValue, fill: (text: string) => string): readonly ValueLink[] {
  const links = value.field.config.links ?? [];
  if (links.length === 0) return [];
  const lookup = valueLookup(value);
  // What a value's texts hold is data: only the dashboard's own text is searched for the dashboard's variables.
  const filled = (text: string): string => interpolate(fill(text), lookup);
  return links
    .slice(0, MAX_LINKS)
    .toSorted((a, b) => Number(b.oneClick) - Number(a.oneClick))
    .flatMap(({ title, url, targetBlank }): ValueLink[] => {
      const address = safeAddress(filled(url));
      return address === undefined ? [] : [{ title: filled(title) || address, url: address, isNewTab: targetBlank }];
    });
}

import type { DataLink } from "../model/field-config.ts";
import { type Formatter, formatValues } from "../variables/variable-format.ts";
import { interpolate } from "../variables/variable-syntax.ts";
import type { ResolvedLink } from "./dashboard-link.ts";
import { safeAddress } from "./safe-address.ts";
import type { Lookup } from "../variables/variable-syntax.ts";
import { type ValuePlace, valueLookup } from "./value-lookup.ts";

/** Links of one value beyond this are left out. */
const MAX_LINKS = 100;

/** Parameters that stand in an address as they are have been encoded. */
const addressFormat: Formatter = (variable) => formatValues(variable, "uriencode");

/** A link of a value that can be followed. */
export interface ResolvedDataLink extends ResolvedLink {
  /** Followed by a click on the value itself. */
  readonly oneClick: boolean;
}

/** A link of a value as it is shown; undefined where it leads to no safe address. */
export function resolveDataLink(link: DataLink, place: ValuePlace, around: Lookup): ResolvedDataLink | undefined {
  const lookup = valueLookup(place, around);
  const href = safeAddress(interpolate(link.url, lookup, addressFormat));
  if (href === undefined) return undefined;
  const title = interpolate(link.title, lookup);
  return { href, title: title === "" ? href : title, targetBlank: link.targetBlank, oneClick: link.oneClick };
}

/** The links that a value carries and that can be followed: the one that a click follows first. */
export const dataLinksOf = (place: ValuePlace, around: Lookup): readonly ResolvedDataLink[] =>
  (place.field.config.links ?? [])
    .slice(0, MAX_LINKS)
    .flatMap((link) => resolveDataLink(link, place, around) ?? [])
    .toSorted((a, b) => Number(b.oneClick) - Number(a.oneClick));

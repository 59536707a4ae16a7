import { quote } from "@narthex/model";
import { HISTOGRAM, SUMMARY } from "./metric-type.ts";

const isParted = (type: number | undefined): boolean => type === SUMMARY || type === HISTOGRAM;

/**
 * Returns the reason why a family of this name and type collides with another one, or undefined. The series that a
 * summary or histogram exposes (`x_count`) must not be another family. `typeOf` returns the type of an existing family.
 */
export function suffixCollision(
  name: string,
  type: number,
  typeOf: (name: string) => number | undefined,
): string | undefined {
  for (const suffix of ["_count", "_sum", "_bucket"]) {
    const isBucket = suffix === "_bucket";
    const kind = isBucket ? "histogram" : "histogram or summary";
    if (name.length > suffix.length && name.endsWith(suffix)) {
      const base = name.slice(0, -suffix.length);
      const other = typeOf(base);
      if (isBucket ? other === HISTOGRAM : isParted(other)) {
        const word = other === SUMMARY ? "summary" : "histogram";
        return `collected metric named ${quote(name)} collides with previously collected ${word} named ${quote(base)}`;
      }
    }
    const concerns = isBucket ? type === HISTOGRAM : isParted(type);
    if (concerns && typeOf(name + suffix) !== undefined)
      return `collected ${kind} named ${quote(name)} collides with previously collected metric named ${quote(name + suffix)}`;
  }
  return undefined;
}

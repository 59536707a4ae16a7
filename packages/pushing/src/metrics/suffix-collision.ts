import { quote } from "@narthex/model";
import { HISTOGRAM, SUMMARY } from "./metric-type.ts";

const isParted = (type: number | undefined): boolean => type === SUMMARY || type === HISTOGRAM;

/**
 * Returns the reason why a metric name collides with another one, or undefined. A series of a summary or histogram,
 * such as `x_count`, must not have the name of another metric. `typeOf` returns the type of an existing name.
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

import { quote } from "@narthex/model";

const isParted = (type: string | undefined): boolean => type === "summary" || type === "histogram";

/**
 * The series that a summary or histogram prints (`x_count`) must not be those of another family; why a family of this
 * name and type collides. `typeOf` gives the type of a family that is there.
 */
export function suffixCollision(
  name: string,
  type: string,
  typeOf: (name: string) => string | undefined,
): string | undefined {
  for (const suffix of ["_count", "_sum", "_bucket"]) {
    const isBucket = suffix === "_bucket";
    const kind = isBucket ? "histogram" : "histogram or summary";
    if (name.endsWith(suffix)) {
      const base = name.slice(0, -suffix.length);
      const other = typeOf(base);
      if (isBucket ? other === "histogram" : isParted(other))
        return `collected metric named ${quote(name)} collides with previously collected ${other} named ${quote(base)}`;
    }
    const concerns = isBucket ? type === "histogram" : isParted(type);
    if (concerns && typeOf(name + suffix) !== undefined)
      return `collected ${kind} named ${quote(name)} collides with previously collected metric named ${quote(name + suffix)}`;
  }
  return undefined;
}

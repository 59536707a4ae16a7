/** Returns a function that maps names in a CSS module to class names and joins them. */
export function classesOf(sheet: Readonly<Record<string, string>>): (...names: readonly string[]) => string {
  return (...names) => names.map((name) => sheet[name] ?? "").join(" ");
}

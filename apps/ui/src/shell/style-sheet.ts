/** Gives the classes of a CSS module by the names that stand in its file, several joined into one `className`. */
export function classesOf(sheet: Readonly<Record<string, string>>): (...names: readonly string[]) => string {
  return (...names) => names.map((name) => sheet[name] ?? "").join(" ");
}

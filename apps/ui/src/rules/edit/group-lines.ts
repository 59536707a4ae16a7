/** Returns a value as lines that a person compares, in the form of YAML. The lines are not meant for programs. */
export function groupLines(value: unknown, indent = ""): string {
  if (Array.isArray(value)) {
    return value.map((item) => `${indent}- ${groupLines(item, `${indent}  `).slice(indent.length + 2)}`).join("\n");
  }
  if (typeof value !== "object" || value === null) return `${indent}${scalarText(value)}`;
  return Object.entries(value)
    .map(([name, one]: [string, unknown]) => {
      if (typeof one === "string" && one.includes("\n")) return `${indent}${name}: |\n${indented(one, `${indent}  `)}`;
      if (typeof one !== "object" || one === null) return `${indent}${name}: ${scalarText(one)}`;
      return `${indent}${name}:\n${groupLines(one, `${indent}  `)}`;
    })
    .join("\n");
}

const indented = (text: string, indent: string): string =>
  text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => indent + line)
    .join("\n");

const scalarText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

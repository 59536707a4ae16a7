import { CommandError } from "../command-line/command.ts";
import { markedXml } from "./written-mark.ts";
import { escapeXml, unescapeXml } from "./xml-text.ts";

export type PropertyValue =
  | string
  | number
  | boolean
  | readonly string[]
  | { readonly [key: string]: string | number | boolean };

const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
`;

export class PropertyListError extends CommandError {
  override readonly name = "PropertyListError";
}

/**
 * Returns a property list as XML. The XML begins with a comment that contains a digest, so that this program can detect
 * manual changes. Throws PropertyListError.
 */
export function propertyList(values: Readonly<Record<string, PropertyValue>>): string {
  const body = `<plist version="1.0">\n${element(values, "")}\n</plist>\n`;
  return HEAD + markedXml(body);
}

function element(value: PropertyValue | Readonly<Record<string, PropertyValue>>, indent: string): string {
  if (typeof value === "string") return `${indent}<string>${escaped(value)}</string>`;
  if (typeof value === "number") return `${indent}<integer>${value}</integer>`;
  if (typeof value === "boolean") return `${indent}<${value}/>`;
  const inner = `${indent}  `;
  if (isList(value))
    return `${indent}<array>\n${value.map((one) => `${element(one, inner)}\n`).join("")}${indent}</array>`;
  const rows = Object.entries(value).map(
    ([key, one]) => `${inner}<key>${escaped(key)}</key>\n${element(one, inner)}\n`,
  );
  return `${indent}<dict>\n${rows.join("")}${indent}</dict>`;
}

const isList = (value: unknown): value is readonly string[] => Array.isArray(value);

function escaped(text: string): string {
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text) || !text.isWellFormed())
    throw new PropertyListError(`${JSON.stringify(text)}: a property list cannot contain this character`);
  return escapeXml(text);
}

/**
 * Returns the command line in a property list that `propertyList` has written. Undefined for a text without a command
 * line.
 */
export function programArguments(text: string): readonly string[] | undefined {
  const list = /<key>ProgramArguments<\/key>\s*<array>(.*?)<\/array>/s.exec(text)?.[1];
  if (list === undefined) return undefined;
  return [...list.matchAll(/<string>(.*?)<\/string>/gs)].map(([, value]) => unescapeXml(value!));
}

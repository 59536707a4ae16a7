import type { Printable, PrintableList, PrintableMap } from "../decode/codec.ts";
import { formatFloat } from "@narthex/model";
import { tagOfPlain } from "./scalar.ts";

/**
 * Prints YAML like Go's yaml.v2, so that the configuration page shows the same text as Prometheus. Each level is
 * indented by two spaces, and list entries have the indentation of their parent. Strings are quoted only if they would
 * be read as another type. The text ends with a newline.
 */
export function printYaml(value: Printable): string {
  if (isMap(value)) return value.entries.length === 0 ? "{}\n" : mapLines(value, "").join("\n") + "\n";
  if (isList(value)) return value.items.length === 0 ? "[]\n" : listLines(value, "").join("\n") + "\n";
  return `${scalar(value, "")}\n`;
}

/** Texts of items that printYamlInSteps() has printed. A text depends on the indentation, too. */
const printedItems = new WeakMap<object, { readonly indent: string; readonly text: string }>();

function itemText(item: Printable, indent: string): string {
  const isObject = typeof item === "object" && item !== null;
  const known = isObject ? printedItems.get(item) : undefined;
  if (known?.indent === indent) return known.text;
  const text = listLines({ items: [item] }, indent).join("\n");
  if (isObject) printedItems.set(item, { indent, text });
  return text;
}

/**
 * Prints a long mapping item by item, two levels deep. An item that was printed before is not printed again, so
 * items must not change.
 * @param pause is awaited after each item, so that other work can run
 */
export async function printYamlInSteps(root: PrintableMap, pause: () => Promise<void> | undefined): Promise<string> {
  const lines: string[] = [];
  const printEntries = async (map: PrintableMap, indent: string): Promise<void> => {
    for (const entry of map.entries) {
      const [key, value] = entry;
      const isLong = isList(value) && value.items.length > 1 && value.flow !== true;
      if (isLong || (isMap(value) && value.entries.length > 0 && indent === "")) {
        lines.push(`${indent}${scalar(key, indent)}:`);
        if (isMap(value)) await printEntries(value, `${indent}  `);
        else await printItems(value, indent);
      } else for (const line of mapLines({ entries: [entry] }, indent)) lines.push(line);
    }
  };
  const printItems = async (list: PrintableList, indent: string): Promise<void> => {
    for (const item of list.items) {
      lines.push(itemText(item, indent));
      await pause();
    }
  };
  if (root.entries.length === 0) return "{}\n";
  await printEntries(root, "");
  return `${lines.join("\n")}\n`;
}

const isMap = (value: Printable): value is PrintableMap =>
  typeof value === "object" && value !== null && "entries" in value;

const isList = (value: Printable): value is PrintableList =>
  typeof value === "object" && value !== null && "items" in value;

function mapLines(map: PrintableMap, indent: string): string[] {
  const lines: string[] = [];
  for (const [key, value] of map.entries) {
    const label = `${indent}${scalar(key, indent)}:`;
    if (isMap(value)) {
      if (value.entries.length === 0) lines.push(`${label} {}`);
      else {
        lines.push(label);
        for (const line of mapLines(value, `${indent}  `)) lines.push(line);
      }
    } else if (isList(value)) {
      if (value.items.length === 0) lines.push(`${label} []`);
      else if (value.flow === true) lines.push(`${label} [${value.items.map(flowItem).join(", ")}]`);
      else {
        lines.push(label);
        for (const line of listLines(value, indent)) lines.push(line);
      }
    } else lines.push(`${label} ${folded(scalar(value, `${indent}  `), label.length + 1, `${indent}  `)}`);
  }
  return lines;
}

function listLines(list: PrintableList, indent: string): string[] {
  const lines: string[] = [];
  for (const item of list.items) {
    if (isMap(item) && item.entries.length > 0) {
      const inner = mapLines(item, `${indent}  `);
      for (const [i, line] of inner.entries()) lines.push(i === 0 ? `${indent}- ${line.trimStart()}` : line);
    } else if (isMap(item)) lines.push(`${indent}- {}`);
    else if (isList(item)) {
      const inner = item.items.length === 0 ? [`${indent}  []`] : listLines(item, `${indent}  `);
      for (const [i, line] of inner.entries()) lines.push(i === 0 ? `${indent}- ${line.trimStart()}` : line);
    } else lines.push(`${indent}- ${folded(scalar(item, `${indent}  `), indent.length + 2, `${indent}  `)}`);
  }
  return lines;
}

function flowItem(value: Printable): string {
  if (typeof value !== "string") return isMap(value) || isList(value) ? "{}" : scalar(value, "");
  const plain = scalar(value, "");
  return plain === value && /[,:[\]{}?]/.test(value) ? singleQuoted(value) : plain;
}

function scalar(value: string | number | bigint | boolean | null, indent: string): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return number(value);
  if (typeof value === "bigint") return String(value);
  if (value.includes("\n")) return literalBlock(value, indent);
  if (tagOfPlain(value) !== "!!str" || isBase60(value)) return doubleQuoted(value);
  if (plainAllowed(value)) return value;
  return /[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u.test(value) ? doubleQuoted(value) : singleQuoted(value);
}

function number(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value < 0 ? "-.inf" : ".inf";
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(value) : formatFloat(value);
}

/** Column after which Go's emitter breaks a line at the next space. */
const FOLD_AFTER_COLUMN = 80;

/** Breaks a long text at single spaces, as Go's YAML printer does. `column` is the column of the start of the text. */
function folded(text: string, column: number, indent: string): string {
  if (column + text.length <= FOLD_AFTER_COLUMN || text.startsWith("|")) return text;
  const quoted = text.startsWith("'") || text.startsWith('"');
  const [first, last] = quoted ? [2, text.length - 3] : [0, text.length - 1];
  let out = "";
  let at = column;
  for (let i = 0; i < text.length; i++) {
    const single = text[i] === " " && text[i + 1] !== " " && text[i - 1] !== " ";
    if (single && at > FOLD_AFTER_COLUMN && i >= first && i <= last) {
      out += `\n${indent}`;
      at = indent.length;
      continue;
    }
    out += text[i]!;
    at++;
  }
  return out;
}

const isBase60 = (value: string): boolean => /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(value);

/** Reports whether a text may be printed without quotes, outside of brackets. */
function plainAllowed(value: string): boolean {
  if (
    value === "" ||
    value.startsWith(" ") ||
    value.endsWith(" ") ||
    value.startsWith("---") ||
    value.startsWith("...")
  ) {
    return false;
  }
  if (/^[#,[\]{}&*!|>'"%@`]/.test(value)) return false;
  if (/^[-?:](?: |$)/.test(value)) return false;
  if (/: |:$| #/.test(value)) return false;
  return !/[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u.test(value);
}

const singleQuoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;

function doubleQuoted(value: string): string {
  const escaped = value.replaceAll(/[\\"]/g, "\\$&").replaceAll("\t", "\\t").replaceAll("\r", "\\r");
  return `"${escaped.replaceAll(/[^\x20-\x7e\u00a0-\u{10ffff}]/gu, (char) => `\\x${char.codePointAt(0)!.toString(16).toUpperCase().padStart(2, "0")}`)}"`;
}

function literalBlock(value: string, indent: string): string {
  const body = value.endsWith("\n") ? value.slice(0, -1) : value;
  const chomp = value.endsWith("\n\n") ? "+" : value.endsWith("\n") ? "" : "-";
  const hint = /^[ \n]/.test(value) ? "2" : "";
  const lines = body.split("\n").map((line) => (line === "" ? "" : `${indent}${line}`));
  return `|${hint}${chomp}\n${lines.join("\n")}`;
}

import { isNull, parseYaml, type Printable, type YamlNode } from "@narthex/config";
import { jsonString } from "@narthex/template";
import { sortedJsonObject } from "../http/json.ts";

/**
 * Returns the request body that a webhook's `payload` describes, as JSON with sorted keys. Every text and key is a
 * template. If YAML would read a result as another type, such as a number, the JSON has this type.
 */
export function renderPayload(payload: Printable, render: (template: string) => string): string {
  if (typeof payload === "string") return reread(render(payload));
  if (typeof payload === "bigint") return String(payload);
  if (payload === null || typeof payload !== "object") return JSON.stringify(payload);
  if ("items" in payload) return `[${payload.items.map((item) => renderPayload(item, render)).join(",")}]`;
  return sortedJsonObject(payload.entries.map(([key, value]) => [render(key), renderPayload(value, render)]));
}

function reread(text: string): string {
  // Treats three more characters as line breaks, because YAML 1.1 does, and a key must not span lines.
  const broken = text.replaceAll(/[\u0085\u2028\u2029]/g, "\n");
  if (broken !== text && parseYaml(broken, "").problems.length > 0) return jsonString(text);
  const { root, problems } = parseYaml(text, "");
  if (problems.length > 0) return jsonString(text);
  if (root === undefined) return "null";
  return root.kind === "scalar" && root.tag === "!!str" ? jsonString(text) : toJsonNode(root);
}

function toJsonNode(node: YamlNode): string {
  if (node.kind === "list") return `[${node.items.map(toJsonNode).join(",")}]`;
  if (node.kind === "map") return sortedJsonObject(node.entries.map(({ key, value }) => [key.text, toJsonNode(value)]));
  if (isNull(node)) return "null";
  if (node.tag === "!!bool") return String(/^(?:y|yes|true|on)$/i.test(node.text));
  return node.tag === "!!int" || node.tag === "!!float" ? numberJson(node.text) : jsonString(node.text);
}

const INTEGER = /^([-+]?)(?:(0[bBoOxX][\da-fA-F]+)|0([0-7]+)|(\d+))$/;
const SMALLEST = -(2n ** 63n);
const LARGEST = 2n ** 64n - 1n;

/**
 * Returns a YAML number as JSON. 64-bit integers keep all digits; other numbers have the precision of a float. A value
 * that JSON cannot express becomes a text.
 */
function numberJson(text: string): string {
  const digits = text.replaceAll("_", "");
  const [, sign, based, octal, plain] = INTEGER.exec(digits) ?? [];
  const size = octal === undefined ? (based ?? plain) : `0o${octal}`;
  const whole = size === undefined ? undefined : BigInt(size.toLowerCase()) * (sign === "-" ? -1n : 1n);
  if (whole !== undefined && whole >= SMALLEST && whole <= LARGEST) return String(whole);
  const value = whole === undefined ? Number(digits) : Number(whole);
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? String(value) : jsonString(text);
}

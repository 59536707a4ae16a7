import { isNull, parseYaml, type Printable, type YamlNode } from "@narthex/config";
import { jsonString } from "@narthex/template";
import { sortedJsonObject } from "./json-object.ts";

/**
 * A webhook's own body: every text and key of the YAML is rendered, a result that YAML reads as something else than a
 * text becomes that value. JSON with sorted keys.
 */
export function renderPayload(payload: Printable, render: (template: string) => string): string {
  if (typeof payload === "string") return reread(render(payload));
  if (payload === null || typeof payload !== "object") return JSON.stringify(payload);
  if ("items" in payload) return `[${payload.items.map((item) => renderPayload(item, render)).join(",")}]`;
  return sortedJsonObject(payload.entries.map(([key, value]) => [render(key), renderPayload(value, render)]));
}

function reread(text: string): string {
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
  const value = Number(node.text.replaceAll("_", ""));
  const isNumber = (node.tag === "!!int" || node.tag === "!!float") && Number.isFinite(value);
  return isNumber ? String(value) : jsonString(node.text);
}

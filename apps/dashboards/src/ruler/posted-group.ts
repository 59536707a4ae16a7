import { formatProblem, jsonNode, type JsonValue, parseYamlInSteps, type YamlNode } from "@narthex/config";
import { ContentTooLongError, groupContent, groupText } from "@narthex/rules";
import type { Steps } from "@narthex/runtime";
import { parsedJson, refusal } from "../web/refusal.ts";

/** A rule group of a client, as a data source's server reads it. */
export interface PostedGroup {
  readonly name: string;
  readonly yaml: string;
}

/**
 * Reads the rule group in the body of a request: JSON, or YAML if the Content-Type says so. Unknown fields are
 * left out, as in Grafana. Throws Refusal if the body is not a group of a data source.
 */
export function* postedGroup(body: Uint8Array, contentType: string): Steps<PostedGroup> {
  const text = Buffer.from(body).toString();
  const root = contentType.includes("yaml") ? yield* yamlRoot(text) : jsonNode(parsedJson(text) as JsonValue);
  if (root.kind !== "map") throw refusal(400, "the body must be one rule group: name, interval, rules");
  checkRules(valueAt(root, "rules"));
  const name = valueAt(root, "name");
  try {
    return { name: name?.kind === "scalar" ? name.text : "", yaml: `${groupText(groupContent(root))}\n` };
  } catch (error) {
    if (error instanceof ContentTooLongError) throw refusal(400, error.message);
    throw error;
  }
}

function* yamlRoot(text: string): Steps<YamlNode> {
  const { root, problems } = yield* parseYamlInSteps(text, "body");
  if (problems.length > 0) throw refusal(400, problems.map(formatProblem).join(", "));
  return root ?? jsonNode({});
}

/** Returns the value under a key of a map. The last entry with the key is valid. */
const valueAt = (node: YamlNode, key: string): YamlNode | undefined =>
  node.kind === "map" ? node.entries.findLast((entry) => entry.key.text === key)?.value : undefined;

/** Refuses rules that Grafana itself would evaluate: they have no expression that a data source's server can read. */
function checkRules(rules: YamlNode | undefined): void {
  if (rules?.kind !== "list") return;
  const own = rules.items.findIndex((rule) => valueAt(rule, "grafana_alert") !== undefined);
  if (own === -1) return;
  const hint = "send `alert` or `record` with `expr`";
  throw refusal(400, `rule ${own + 1} has grafana_alert, but only data sources evaluate rules here: ${hint}`);
}

import type { JsonValue } from "@narthex/config";
import { SpecError } from "../custom-objects/spec-error.ts";
import type { SpecFields } from "../custom-objects/spec-fields.ts";
import type { AlertmanagerConfigVersion } from "./section.ts";

const OPERATORS: ReadonlySet<string> = new Set(["=", "!=", "=~", "!~"]);

/** Characters that cannot be part of a label name without quotes. */
const RESERVED = /[\s{}!=~,\\"'`]/;

const FIELDS: ReadonlySet<string> = new Set(["name", "value", "matchType"]);

/** Returns the matchers of a route or an inhibition rule in the syntax of alertmanager.yml. */
export const matchersOf = (parent: SpecFields, key: string, version: AlertmanagerConfigVersion): readonly string[] =>
  parent.objects(key).map((matcher) => matcherText(matcher, version));

function matcherText(matcher: SpecFields, version: AlertmanagerConfigVersion): string {
  const unknown = matcher.keys.find((key) => !FIELDS.has(key) && !(key === "regex" && version === "v1alpha1"));
  if (unknown !== undefined) throw new SpecError(`${matcher.at(unknown)} is not known in ${version}: remove it`, true);
  const name = matcher.text("name");
  if (name === "" || RESERVED.test(name))
    throw new SpecError(`${matcher.at("name")} ${JSON.stringify(name)} is not the name of a label`, true);
  const type = matcher.text("matchType") || (matcher.flag("regex") === true ? "=~" : "=");
  if (!OPERATORS.has(type))
    throw new SpecError(`${matcher.at("matchType")} ${JSON.stringify(type)} is none of =, !=, =~, !~`, true);
  return `${name}${type}${quoted(matcher.text("value"))}`;
}

const quoted = (value: string): string =>
  `"${value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"')}"`;

/** Returns the matcher that selects only alerts of a namespace. */
export const namespaceMatcher = (namespace: string): string => `namespace=${quoted(namespace)}`;

/** Adds a matcher, unless it is already present. Spaces around the operator do not matter. */
export const withMatcher = (matchers: readonly string[], added: string): JsonValue =>
  matchers.includes(added) ? matchers : [...matchers, added];

import { call, send } from "./request.ts";
import { apiPath } from "./root-path.ts";

/** A rule as a rule file contains it. */
export interface RuleContent {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A rule group as a rule file contains it. Fields of Mimir that the page does not show stay as they are. */
export interface GroupContent {
  readonly name: string;
  readonly interval?: string;
  readonly query_offset?: string;
  readonly limit?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly rules?: readonly RuleContent[];
  readonly [foreign: string]: unknown;
}

export interface StoredGroup {
  /** Entity tag of the content, with quotes. */
  readonly tag: string;
  readonly content: GroupContent;
  readonly yaml: string;
}

export interface StoredNamespace {
  readonly name: string;
  readonly groups: readonly StoredGroup[];
  /** Problems of a file that another program has written. */
  readonly problems: readonly string[];
}

/** A change of a group: who changed it when, and its YAML before and after; null if it did not exist. */
export interface GroupChange {
  readonly id: number;
  readonly time: string;
  readonly user: string;
  readonly address: string;
  readonly namespace: string;
  readonly group: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** An Alertmanager, with the labels that an alert has there, and the receivers of its routes. */
export interface AlertDestination {
  readonly url: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly receivers: readonly string[];
  readonly error?: string;
}

/** Condition of a change: the tag of the group that was edited, or null if the group must be new. */
const conditionOf = (tag: string | null): Readonly<Record<string, string>> =>
  tag === null ? { "if-none-match": "*" } : { "if-match": tag };

/**
 * Returns functions that list and change the rule groups of a server's rules API.
 * @param root path of the server's API, without a trailing slash
 */
export function storedRulesAt(root: string) {
  const pathOf = (...names: readonly string[]): string =>
    [`${root}/config/v1/rules`, ...names.map(encodeURIComponent)].join("/");
  const apiRoot = `${root}/api/v1`;
  return {
    list: (signal?: AbortSignal) =>
      call<{ namespaces: readonly StoredNamespace[] }>(`${apiRoot}/narthex/stored-rules`, signal && { signal }),
    history: (
      params: { readonly namespace?: string; readonly group?: string; readonly before?: number },
      signal?: AbortSignal,
    ) =>
      call<{ changes: readonly GroupChange[]; more: boolean }>(`${apiRoot}/narthex/stored-rules/history`, {
        params: { ...params, limit: 20 },
        ...(signal && { signal }),
      }),
    /** Stores a group, as JSON or YAML. */
    save: (namespace: string, text: string, tag: string | null) =>
      send(pathOf(namespace), {
        method: "POST",
        body: { type: "application/yaml", text },
        headers: conditionOf(tag),
      }),
    /** Stores an earlier text of a group, whatever its current text is. */
    restore: (namespace: string, text: string) =>
      send(pathOf(namespace), { method: "POST", body: { type: "application/yaml", text } }),
    remove: (namespace: string, group: string, tag: string) =>
      send(pathOf(namespace, group), { method: "DELETE", headers: conditionOf(tag) }),
    receivers: (labels: Readonly<Record<string, string>>, signal?: AbortSignal) =>
      call<{ alertmanagers: readonly AlertDestination[]; more: boolean }>(`${apiRoot}/narthex/receivers`, {
        params: { labels: JSON.stringify(labels) },
        ...(signal && { signal }),
      }),
  };
}

/** Functions for the rule groups of the server whose pages are shown. */
export const storedRules = storedRulesAt(apiPath);

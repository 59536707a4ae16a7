import {
  anyValue,
  type Codec,
  field,
  flag,
  INVALID,
  listOf,
  mapOf,
  millis,
  optional,
  type FieldPositions,
  type Printable,
  type Report,
  section,
  text,
} from "@narthex/config";
import type { ReceiverGlobals } from "../global-section.ts";
import { httpConfigOf, httpIntegration, type HttpIntegration } from "../http/http-integration.ts";
import { webUrl } from "../http/web-url.ts";
import type { IntegrationConfig } from "../receiver-kind.ts";

/** A text of a Jira issue, and whether updates overwrite it. Users may have edited the text in Jira. */
export interface JiraText {
  readonly template: string;
  /**
   * Whether the text is also written when the Jira issue is updated. If false, the text is written only when the issue
   * is created.
   */
  readonly enableUpdate: boolean | undefined;
}

/** Settings of one entry of `jira_configs`. Texts are templates, except for those of transitions and the resolution. */
export interface JiraConfig extends IntegrationConfig, HttpIntegration {
  readonly apiUrl: string;
  readonly apiType: string;
  readonly project: string;
  readonly summary: JiraText;
  readonly description: JiraText;
  readonly labels: readonly string[];
  readonly priority: string;
  readonly issueType: string;
  readonly reopenTransition: string;
  readonly resolveTransition: string;
  readonly wontFixResolution: string;
  readonly reopenDurationMs: number;
  /** Values of custom Jira fields. Texts at any depth are templates. */
  readonly fields: ReadonlyMap<string, Printable>;
}

type RawJira = Omit<JiraConfig, "place">;

/** Returns the codec of a setting that is either a template or a mapping with the template and its options. */
function textOr(fallback: string): Codec<JiraText> {
  const mapping = section<JiraText>("jira.plain", {
    template: field("template", text, fallback),
    enableUpdate: optional("enable_update", flag),
  });
  return {
    ...mapping,
    decode(node, context) {
      if (node.kind !== "scalar") return mapping.decode(node, context);
      const template = text.decode(node, context);
      return template === INVALID ? INVALID : { template, enableUpdate: undefined };
    },
    whenNull: () => ({ template: "", enableUpdate: undefined }),
  };
}

const named = (name: string): string => `{{ template "jira.default.${name}" . }}`;

export const jiraSection = section<RawJira, JiraConfig>(
  "jira.plain",
  {
    ...httpIntegration(true),
    apiUrl: field("api_url", webUrl, ""),
    apiType: field("api_type", text, "auto"),
    project: field("project", text, ""),
    summary: field("summary", textOr(named("summary")), { template: named("summary"), enableUpdate: undefined }),
    description: field("description", textOr(named("description")), {
      template: named("description"),
      enableUpdate: undefined,
    }),
    labels: field("labels", listOf(text), []),
    priority: field("priority", text, named("priority")),
    issueType: field("issue_type", text, ""),
    reopenTransition: field("reopen_transition", text, ""),
    resolveTransition: field("resolve_transition", text, ""),
    wontFixResolution: field("wont_fix_resolution", text, ""),
    reopenDurationMs: field("reopen_duration", millis, 0),
    fields: field("fields", mapOf(anyValue), new Map<string, Printable>()),
  },
  check,
);

function check(value: RawJira, at: FieldPositions<RawJira>, report: Report): JiraConfig | typeof INVALID {
  const refuse = (position: typeof at.self, message: string, hint: string): typeof INVALID => {
    report(position, "jira-config", message, hint);
    return INVALID;
  };
  if (value.project === "") return refuse(at.self, "missing project in jira_config", "add project: its key");
  if (value.issueType === "") return refuse(at.self, "missing issue_type in jira_config", "add issue_type");
  if (!["auto", "cloud", "datacenter"].includes(value.apiType)) {
    const message = "unknown api_type on jira_config, must be auto, cloud or datacenter";
    return refuse(at.apiType, message, "use one of auto, cloud, datacenter");
  }
  return { ...value, place: at.self };
}

/**
 * Returns the Jira settings, with missing values taken from `global`. Returns undefined after an error was reported.
 */
export function resolveJira(config: JiraConfig, globals: ReceiverGlobals, report: Report): JiraConfig | undefined {
  const apiUrl = config.apiUrl === "" ? globals.jiraApiUrl : config.apiUrl;
  if (apiUrl !== "") return { ...config, apiUrl, httpConfig: httpConfigOf(config.httpConfig, globals) };
  const hint = "add api_url here, or jira_api_url under global, such as https://name.atlassian.net/rest/api/3";
  report(config.place, "jira-url", "no global Jira Cloud URL set", hint);
  return undefined;
}

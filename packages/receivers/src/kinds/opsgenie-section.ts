import {
  field,
  flag,
  type HttpClientConfig,
  httpClientSection,
  INVALID,
  listOf,
  mapOf,
  optional,
  type Secret,
  secret,
  section,
  type Section,
  text,
} from "@narthex/config";
import { parseTemplate } from "@narthex/template";
import { webUrl } from "../http/web-url.ts";
import type { IntegrationConfig } from "../receiver-kind.ts";
import { isSecretSet, conflictingSecretSources } from "../secret-source.ts";

/** A person or team whom OpsGenie notifies, given by id, name or username. */
interface OpsGenieResponder {
  readonly id: string;
  readonly name: string;
  readonly username: string;
  /** `team`, `teams`, `user`, `escalation` or `schedule`, or a template whose result is one of these. */
  readonly type: string;
}

/** Settings of one entry of `opsgenie_configs`. Texts are templates. */
export interface OpsGenieConfig extends IntegrationConfig {
  readonly httpConfig: HttpClientConfig | undefined;
  readonly apiKey: Secret | undefined;
  readonly apiKeyFile: string;
  /** URL of the OpsGenie API, with a slash at its end. */
  readonly apiUrl: string;
  readonly message: string;
  readonly description: string;
  readonly source: string;
  readonly details: ReadonlyMap<string, string>;
  readonly entity: string;
  readonly responders: readonly OpsGenieResponder[];
  /** Actions that users can take in OpsGenie, separated by commas. */
  readonly actions: string;
  readonly tags: string;
  readonly note: string;
  readonly priority: string;
  readonly updateAlerts: boolean;
}

const TYPES: readonly string[] = ["team", "teams", "user", "escalation", "schedule"];

const responder = section<OpsGenieResponder>("opsgenie.OpsGenieConfigResponder", {
  id: field("id", text, ""),
  name: field("name", text, ""),
  username: field("username", text, ""),
  type: field("type", text, ""),
});

type RawOpsGenie = Omit<OpsGenieConfig, "place">;

const named = (name: string): string => `{{ template "opsgenie.default.${name}" . }}`;

export const opsGenieSection: Section<OpsGenieConfig> = section<RawOpsGenie, OpsGenieConfig>(
  "opsgenie.plain",
  {
    sendResolved: field("send_resolved", flag, true, true),
    httpConfig: optional("http_config", httpClientSection({ enableHttp2: true })),
    apiKey: optional("api_key", secret),
    apiKeyFile: field("api_key_file", text, ""),
    apiUrl: field("api_url", webUrl, ""),
    message: field("message", text, named("message")),
    description: field("description", text, named("description")),
    source: field("source", text, named("source")),
    details: field("details", mapOf(text), new Map()),
    entity: field("entity", text, ""),
    responders: field("responders", listOf(responder), []),
    actions: field("actions", text, ""),
    tags: field("tags", text, ""),
    note: field("note", text, ""),
    priority: field("priority", text, ""),
    updateAlerts: field("update_alerts", flag, false),
  },
  (value, at, report) => {
    if (isSecretSet(value.apiKey, "") && value.apiKeyFile !== "") {
      report(at.self, "two-sources", conflictingSecretSources("api_key"), "keep one of the two");
      return INVALID;
    }
    const problem = value.responders.map(responderProblem).find((one) => one !== undefined);
    if (problem === undefined) return { ...value, place: at.self };
    report(at.responders, "opsgenie-responder", problem, "give id, name or username, and a type");
    return INVALID;
  },
);

function responderProblem({ id, name, username, type }: OpsGenieResponder): string | undefined {
  const who = `opsGenieConfig responder {${id} ${name} ${username} ${type}}`;
  if (id === "" && name === "" && username === "") {
    return `${who} has to have at least one of id, username or name specified`;
  }
  if (!type.includes("{{")) {
    const known = TYPES.includes(type.toLowerCase());
    return known ? undefined : `${who} type does not match valid options ^(${TYPES.join("|")})$`;
  }
  const parsed = parseTemplate("", type);
  return parsed.ok ? undefined : `${who} type contains invalid template syntax: ${parsed.error.message}`;
}

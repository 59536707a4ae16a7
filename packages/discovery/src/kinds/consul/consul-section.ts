import {
  field,
  flag,
  type HttpClientConfig,
  httpClientSection,
  inline,
  INVALID,
  listOf,
  mapOf,
  millis,
  optional,
  type Secret,
  secret,
  section,
  text,
  urlText,
} from "@narthex/config";
import { bearerKeys } from "../../fields/bearer-keys.ts";

/** One entry of `consul_sd_configs`. */
export interface ConsulDiscovery {
  /** Address of the Consul agent: `host:port`, a URL, or `unix://` and the path of a socket. */
  readonly server: string;
  readonly pathPrefix: string;
  readonly token: Secret | undefined;
  /** Name of the datacenter, or "" for the datacenter of the Consul agent. */
  readonly datacenter: string;
  readonly namespace: string;
  readonly partition: string;
  readonly tagSeparator: string;
  readonly scheme: string;
  readonly username: string;
  readonly password: Secret | undefined;
  readonly allowStale: boolean;
  readonly refreshIntervalMs: number;
  /** Names of the services to find. If empty, all services are found. */
  readonly services: readonly string[];
  /** Tags that a service needs to be selected. The service must have all of them. */
  readonly tags: readonly string[];
  readonly nodeMeta: ReadonlyMap<string, string>;
  readonly filter: string;
  readonly healthFilter: string;
  readonly httpClient: HttpClientConfig;
}

interface RawConsulDiscovery extends ConsulDiscovery {
  readonly usesBearerToken: boolean;
}

export const consulSection = section<RawConsulDiscovery, ConsulDiscovery>(
  "consul.plain",
  {
    server: field("server", urlText, "localhost:8500"),
    pathPrefix: field("path_prefix", text, ""),
    token: optional("token", secret),
    datacenter: field("datacenter", text, ""),
    namespace: field("namespace", text, ""),
    partition: field("partition", text, ""),
    tagSeparator: field("tag_separator", text, ","),
    scheme: field("scheme", text, "http"),
    username: field("username", text, ""),
    password: optional("password", secret),
    allowStale: field("allow_stale", flag, true, true),
    refreshIntervalMs: field("refresh_interval", millis, 30_000),
    services: field("services", listOf(text), []),
    tags: field("tags", listOf(text), []),
    nodeMeta: field("node_meta", mapOf(text, "map[string]string"), new Map<string, string>()),
    filter: field("filter", text, ""),
    healthFilter: field("health_filter", text, ""),
    usesBearerToken: bearerKeys,
    httpClient: inline(httpClientSection({ enableHttp2: true })),
  },
  ({ usesBearerToken, ...value }, at, report) => {
    const { basicAuth, authorization, oauth2 } = value.httpClient;
    const given = (word: Secret | undefined): boolean => word !== undefined && word.reveal() !== "";
    const refuse = (position: typeof at.self, code: string, message: string, hint: string): typeof INVALID => {
      report(position, code, message, hint);
      return INVALID;
    };
    if (value.server.trim() === "") {
      const message = "consul SD configuration requires a server address";
      return refuse(at.server, "consul-sd-server", message, "write the agent's host:port, or leave the key out");
    }
    const position = value.username === "" ? at.password : at.username;
    const named = value.username !== "" || given(value.password);
    if (named && basicAuth !== undefined) {
      const message = "at most one of consul SD configuration username and password and basic auth can be configured";
      return refuse(position, "auth-conflict", message, "move username and password into basic_auth");
    }
    if (given(value.token) && ((authorization !== undefined && !usesBearerToken) || oauth2 !== undefined)) {
      const message = "at most one of consul SD token, authorization, or oauth2 can be configured";
      return refuse(at.token, "auth-conflict", message, "keep one way to authenticate");
    }
    if (named && (authorization !== undefined || oauth2 !== undefined)) {
      const message = usesBearerToken
        ? "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured"
        : "at most one of basic_auth, oauth2 & authorization must be configured";
      return refuse(position, "auth-conflict", message, "keep one way to authenticate");
    }
    return value;
  },
);

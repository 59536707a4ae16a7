import {
  field,
  filePath,
  flag,
  type HttpClientConfig,
  httpClientSection,
  identityOf,
  inline,
  INVALID,
  listOf,
  oneOf,
  optional,
  type FieldPositions,
  type Position,
  section,
  text,
  url,
} from "@narthex/config";
import { quote } from "@narthex/model";
import { fieldSelectorFault, labelSelectorFault } from "./selector.ts";

/** Kind of Kubernetes object from which targets are made. */
export type KubernetesRole = (typeof KUBERNETES_ROLES)[number];

export const KUBERNETES_ROLES = ["pod", "service", "endpoints", "endpointslice", "node", "ingress"] as const;

/** Selectors for listing and watching one kind. An empty selector selects all objects. */
export interface ObjectSelector {
  readonly label: string;
  readonly field: string;
}

export interface RoleSelector extends ObjectSelector {
  readonly role: KubernetesRole | "";
}

/** Setting `attach_metadata`: the kinds of related objects whose labels are added to targets. */
export interface AttachMetadata {
  readonly node: boolean;
  readonly namespace: boolean;
  readonly deployment: boolean;
  readonly job: boolean;
  readonly cronjob: boolean;
}

/** Settings of sections that use an API server: address, client settings, and namespaces. */
export interface ApiServerSettings {
  /** URL of the API server. If undefined, the kubeconfig's server or the cluster in which this process runs is used. */
  readonly apiServer: string | undefined;
  /** Path of the kubeconfig, or "" for none. */
  readonly kubeconfigFile: string;
  readonly httpClient: HttpClientConfig;
  /**
   * Namespaces to watch: the namespace of this process if `own` is set, and the namespaces in `names`. If neither is
   * given, all namespaces are watched.
   */
  readonly namespaces: { readonly own: boolean; readonly names: readonly string[] };
}

/** One entry of `kubernetes_sd_configs`. */
export interface KubernetesDiscovery extends ApiServerSettings {
  readonly role: KubernetesRole;
  readonly selectors: readonly RoleSelector[];
  readonly attach: AttachMetadata;
}

interface Raw extends Omit<KubernetesDiscovery, "role"> {
  readonly role: KubernetesRole | "";
}

const role = oneOf<KubernetesRole | "">(
  KUBERNETES_ROLES,
  (found) => `unknown Kubernetes SD role ${quote(found)}`,
  "kubernetes-role",
);
const httpClient = httpClientSection({ enableHttp2: true });
const clientDefaults = identityOf(httpClient, httpClient.empty());

const namespaces = section<ApiServerSettings["namespaces"]>("kubernetes.plain", {
  own: field("own_namespace", flag, false, true),
  names: field("names", listOf(text), [], true),
});
const selector = section<RoleSelector>("kubernetes.SelectorConfig", {
  role: field("role", role, ""),
  label: field("label", text, ""),
  field: field("field", text, ""),
});
const attach = section<AttachMetadata>("kubernetes.AttachMetadataConfig", {
  node: field("node", flag, false),
  namespace: field("namespace", flag, false),
  deployment: field("deployment", flag, false),
  job: field("job", flag, false),
  cronjob: field("cronjob", flag, false),
});

export const apiServerFields = {
  apiServer: optional("api_server", url),
  kubeconfigFile: field("kubeconfig_file", filePath, "", true),
  httpClient: inline(httpClient),
  namespaces: field("namespaces", namespaces, namespaces.empty()),
};

export const kubernetesSection = section<Raw, KubernetesDiscovery>(
  "kubernetes.plain",
  {
    apiServer: apiServerFields.apiServer,
    role: field("role", role, "", true),
    kubeconfigFile: apiServerFields.kubeconfigFile,
    httpClient: apiServerFields.httpClient,
    namespaces: apiServerFields.namespaces,
    selectors: field("selectors", listOf(selector), []),
    attach: field("attach_metadata", attach, attach.empty()),
  },
  (value, at, report) => {
    if (value.role === "") {
      const message = `role missing (one of: ${KUBERNETES_ROLES.join(", ")})`;
      report(at.role, "kubernetes-role", message, "add role: with one of these");
      return INVALID;
    }
    const access = accessFault(value, at);
    const fault = access ?? selectorFault(value.role, value.selectors);
    if (fault === undefined) return { ...value, role: value.role };
    report(access?.at ?? at.selectors, fault.code, fault.message, fault.hint);
    return INVALID;
  },
);

export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** Returns an error if settings for the API server contradict each other, otherwise undefined. */
export function accessFault(
  value: ApiServerSettings,
  at: FieldPositions<ApiServerSettings>,
): (Fault & { readonly at: Position }) | undefined {
  const { apiServer, kubeconfigFile, namespaces: within } = value;
  const ownClient = identityOf(httpClient, value.httpClient) !== clientDefaults;
  const conflict = (position: Position, message: string, hint: string) => ({
    at: position,
    code: "kubernetes-access",
    message,
    hint,
  });
  if (apiServer !== undefined && kubeconfigFile !== "") {
    const message = "cannot use 'kubeconfig_file' and 'api_server' simultaneously";
    return conflict(at.kubeconfigFile, message, "keep one of them");
  }
  if (kubeconfigFile !== "" && ownClient) {
    const message = "cannot use a custom HTTP client configuration together with 'kubeconfig_file'";
    return conflict(at.kubeconfigFile, message, "put the credentials into the kubeconfig");
  }
  if (apiServer === undefined && ownClient) {
    const message = "to use custom HTTP client configuration please provide the 'api_server' URL explicitly";
    return conflict(at.self, message, "add api_server, or remove the client's settings");
  }
  if (apiServer !== undefined && within.own) {
    const message = "cannot use 'api_server' and 'namespaces.own_namespace' simultaneously";
    return conflict(at.namespaces, message, "name the namespace under names");
  }
  if (kubeconfigFile !== "" && within.own) {
    const message = "cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously";
    return conflict(at.namespaces, message, "name the namespace under names");
  }
  return undefined;
}

/** For each role, the kinds of objects for which selectors may be configured. */
const SELECTABLE: Readonly<Record<KubernetesRole, readonly string[]>> = {
  pod: ["pod", "node"],
  service: ["service"],
  endpointslice: ["pod", "service", "endpointslice"],
  endpoints: ["pod", "service", "endpoints"],
  node: ["node"],
  ingress: ["ingress"],
};

function selectorFault(own: KubernetesRole, selectors: readonly RoleSelector[]): Fault | undefined {
  const seen = new Set<string>();
  for (const { role: about, label, field: fields } of selectors) {
    if (seen.has(about)) {
      const hint = "join the two with a comma";
      return { code: "kubernetes-selector", message: `duplicated selector role: ${about}`, hint };
    }
    seen.add(about);
    if (!SELECTABLE[own].includes(about)) {
      const message = `${own} role supports only ${SELECTABLE[own].join(", ")} selectors`;
      return { code: "kubernetes-selector", message, hint: "change the selector's role or remove it" };
    }
    const fieldFault = fieldSelectorFault(fields);
    if (fieldFault !== undefined)
      return {
        code: "kubernetes-selector",
        message: fieldFault,
        hint: "write it as in metadata.name=a,status.phase!=b",
      };
    const labelFault = labelSelectorFault(label);
    if (labelFault !== undefined)
      return { code: "kubernetes-selector", message: labelFault, hint: "write it as in app=a,tier in (b, c),!d" };
  }
  return undefined;
}

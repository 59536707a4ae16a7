import { Labels } from "@narthex/model";
import { type ApiResource, keepMeta, type ObjectMeta, type RawObject } from "./api-object.ts";
import { addNamespace } from "./joined.ts";
import { addObjectMeta, type LabelDraft, META, NAMESPACE } from "./meta-labels.ts";
import type { Role } from "./role.ts";

export interface Ingress {
  readonly meta: ObjectMeta;
  readonly className: string;
  readonly tlsHosts: readonly string[];
  readonly rules: readonly { readonly host: string; readonly paths: readonly string[] }[];
}

/**
 * The fields of an Ingress that discovery reads;
 * https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/
 */
interface RawIngress extends RawObject {
  readonly spec?: {
    readonly ingressClassName?: string | null;
    readonly tls?: readonly { readonly hosts?: readonly string[] | null }[] | null;
    readonly rules?:
      | readonly {
          readonly host?: string;
          readonly http?: { readonly paths?: readonly { readonly path?: string }[] | null } | null;
        }[]
      | null;
  };
}

const ingresses: ApiResource<Ingress> = {
  group: "/apis/networking.k8s.io/v1",
  plural: "ingresses",
  isNamespaced: true,
  keep(raw) {
    const { spec } = raw as RawIngress;
    return {
      meta: keepMeta(raw),
      className: spec?.ingressClassName ?? "",
      tlsHosts: (spec?.tls ?? []).flatMap(({ hosts }) => hosts ?? []),
      rules: (spec?.rules ?? []).map(({ host = "", http }) => ({
        host,
        // An ingress rule without an HTTP part applies to every path.
        paths: http ? (http.paths ?? []).map(({ path }) => path || "/") : ["/"],
      })),
    };
  },
};

/** Finds one target per rule and path of an ingress. */
export const ingressRole: Role<Ingress> = {
  name: "ingress",
  resource: ingresses,
  source: "ingress",
  joins: [],
  attachable: ["namespace"],
  group({ meta, className, tlsHosts, rules }, joined) {
    const labels: LabelDraft = new Map([
      [NAMESPACE, meta.namespace],
      [`${META}ingress_class_name`, className],
    ]);
    addObjectMeta(labels, "ingress", meta);
    addNamespace(labels, joined, meta.namespace);
    const targets = rules.flatMap(({ host, paths }) => {
      const scheme = tlsHosts.some((pattern) => matchesHost(pattern, host)) ? "https" : "http";
      return paths.map((path) =>
        Labels.of({
          __address__: host,
          [`${META}ingress_scheme`]: scheme,
          [`${META}ingress_host`]: host,
          [`${META}ingress_path`]: path,
        }),
      );
    });
    return { targets, labels: Labels.of(labels) };
  },
};

/** Reports whether a TLS host of an ingress covers `host`. `*.example.com` covers `a.example.com`. */
function matchesHost(pattern: string, host: string): boolean {
  if (pattern === host) return true;
  if (pattern !== "*" && !pattern.startsWith("*.")) return false;
  const dot = host.indexOf(".");
  return pattern.slice(1) === (dot === -1 ? "" : host.slice(dot));
}

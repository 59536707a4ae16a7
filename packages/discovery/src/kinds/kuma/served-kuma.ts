import { bearer, numbered, type ServedKind } from "../../testing/served-kind.ts";

const TYPE_URL = "type.googleapis.com/kuma.observability.v1.MonitoringAssignment";
const TARGETS_OF_AN_ASSIGNMENT = 5;

/**
 * The API as in https://github.com/kumahq/kuma/blob/master/api/observability/v1/mads.proto. Answers at once, also if
 * nothing has changed.
 */
export const servedKuma: ServedKind = {
  key: "kuma_sd_configs",
  role: "",
  isInPrometheus: false,
  isInVmagent: true,
  section: ({ url }) => `server: ${url}/mads\nclient_id: reader\nbearer_token: canary-kuma`,
  serve(count) {
    const resources = numbered(Math.ceil(count / TARGETS_OF_AN_ASSIGNMENT), (i) => {
      const first = (i - 1) * TARGETS_OF_AN_ASSIGNMENT;
      return assignment(
        i,
        numbered(Math.min(TARGETS_OF_AN_ASSIGNMENT, count - first), (j) => target(first + j)),
      );
    });
    const version = `version-${count}`;
    return ({ method, path, headers, body }) => {
      if (headers.authorization !== bearer("canary-kuma")) return { status: 401 };
      if (method !== "POST" || path !== "/mads/v3/discovery:monitoringassignments") return { status: 404 };
      const question = JSON.parse(body) as Readonly<Record<string, unknown>> & {
        readonly node: { readonly id: string };
      };
      if (question["type_url"] !== TYPE_URL || question.node.id !== "reader") return { status: 400 };
      if (question["version_info"] === version) {
        return { status: question["response_nonce"] === `nonce-${version}` ? 304 : 400 };
      }
      return { body: { version_info: version, resources, type_url: TYPE_URL, nonce: `nonce-${version}` } };
    };
  },
};

const assignment = (i: number, targets: readonly unknown[]): unknown => ({
  "@type": TYPE_URL,
  mesh: "default",
  service: `service-${i}`,
  targets,
  labels: { "kuma.io/zone": "east", team: `team-${i % 3}` },
});

const target = (i: number): unknown => ({
  name: `dataplane-${i}`,
  scheme: i % 2 === 0 ? "https" : "http",
  address: `192.0.2.${i % 250}:5670`,
  metrics_path: "/metrics/stats",
  labels: { "kuma.io/protocol": i % 3 === 0 ? "http" : "tcp" },
});

import { numbered, type ServedKind, type ServedPlace } from "../../testing/served-kind.ts";

/**
 * The API as in https://github.com/TritonDataCenter/triton-cmon. The monitor knows its clients by their certificates, so
 * a section has no other credentials.
 */
const servedRole = (role: string, path: string, groups: string, answer: (count: number) => unknown): ServedKind => ({
  key: "triton_sd_configs",
  role,
  isInPrometheus: true,
  section: (place) => sectionOf(place, role, groups),
  serve(count) {
    const body = answer(count);
    return (request) =>
      request.path === path && request.query.get("groups") === (groups || null) ? { body } : { status: 404 };
  },
});

const sectionOf = ({ url }: ServedPlace, role: string, groups: string): string =>
  `account: admin
role: ${role}
dns_suffix: cmon.example.com
endpoint: 127.0.0.1
port: ${new URL(url).port}
groups: [${groups}]
tls_config: {insecure_skip_verify: true}`;

export const servedTritonContainers = servedRole("container", "/v1/discover", "web,db x", (count) => ({
  containers: numbered(count, container),
}));

export const servedTritonComputeNodes = servedRole("cn", "/v1/gz/discover", "", (count) => ({
  cns: numbered(count, computeNode),
}));

const container = (i: number): unknown => ({
  server_uuid: `44454c4c-5000-104d-8037-${i % 10}`,
  vm_alias: `web-${i}`,
  vm_brand: "lx",
  vm_image_uuid: "7b5981c4-1889-11e7-b4c5-3f3bdfc9b88b",
  vm_uuid: `ad466fbf-46a2-4027-9b64-${i}`,
  ...(i % 3 === 0 ? {} : { groups: ["web", "db x"] }),
});

const computeNode = (i: number): unknown => ({
  server_uuid: `44454c4c-5000-104d-8037-${i}`,
  server_hostname: `node-${i}`,
});

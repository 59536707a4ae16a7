import { numbered, type ServedKind } from "../../testing/served-kind.ts";

const INSTANCES_OF_A_SERVICE = 10;

/** The API as in https://developer.hashicorp.com/nomad/api-docs/services. */
export const servedNomad: ServedKind = {
  key: "nomad_sd_configs",
  role: "",
  isInPrometheus: false,
  isInVmagent: true,
  section: ({ url }) => `server: ${url}\nnamespace: apps\nbearer_token: canary-nomad`,
  serve(count) {
    const names = numbered(Math.ceil(count / INSTANCES_OF_A_SERVICE), (i) => `service-${i}`);
    return ({ path, query, headers }) => {
      if (headers.authorization !== "Bearer canary-nomad") return { status: 403, body: "Permission denied" };
      if (query.get("namespace") !== "apps" || query.get("region") !== "global" || query.get("stale") !== "")
        return { status: 400, body: "the query is not as configured" };
      // vmagent sends blocking queries, which need an index.
      const index = { "x-nomad-index": "7" };
      if (path === "/v1/services") {
        const services = names.map((name) => ({ ServiceName: name, Tags: ["metrics", "web"] }));
        return { headers: index, body: [{ Namespace: "apps", Services: services }] };
      }
      const service = names.indexOf(path.replace("/v1/service/", ""));
      if (service < 0) return { status: 404, body: "service not found" };
      const first = service * INSTANCES_OF_A_SERVICE;
      const size = Math.min(INSTANCES_OF_A_SERVICE, count - first);
      return { headers: index, body: numbered(size, (i) => instance(names[service]!, first + i)) };
    };
  },
};

const instance = (name: string, i: number): unknown => ({
  ID: `_nomad-task-7731b2ef-group-${name}-${i}-http`,
  ServiceName: name,
  Namespace: "apps",
  NodeID: `ff0b2b8c-5f0a-4b6b-9c5f-${i}`,
  Datacenter: "dc1",
  JobID: "job",
  AllocID: `7731b2ef-4d5f-8c5c-2a0e-${i}`,
  Tags: i % 3 === 0 ? null : ["metrics", "web"],
  Address: `192.0.2.${i % 250}`,
  Port: 20_000 + i,
  CreateIndex: 10,
  ModifyIndex: 11,
});

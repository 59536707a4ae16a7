import { numbered, type ServedKind } from "../../testing/served-kind.ts";

const QUERY = 'resources { type = "Class" and title = "Prometheus::Node_exporter" }';

/** The API as in https://www.puppet.com/docs/puppetdb/8/api/query/v4/resources. */
export const servedPuppetDb: ServedKind = {
  key: "puppetdb_sd_configs",
  role: "",
  isInPrometheus: true,
  isInVmagent: true,
  section: ({ url }) =>
    `url: ${url}/db\nquery: '${QUERY}'\ninclude_parameters: true\nport: 9100\nauthorization: {type: Token, credentials: canary-puppetdb}`,
  serve(count) {
    const resources = numbered(count, resource);
    return ({ method, path, headers, body }) => {
      if (headers.authorization !== "Token canary-puppetdb") return { status: 403, body: "Permission denied" };
      if (method !== "POST" || path !== "/db/pdb/query/v4") return { status: 404 };
      if (body !== JSON.stringify({ query: QUERY })) return { status: 400, body: "PQL parse error" };
      return { headers: { "content-type": "application/json;charset=utf-8" }, body: resources };
    };
  },
};

const resource = (i: number): unknown => ({
  certname: `host-${i}.example.com`,
  resource: `49af83866dc5a1518968b68e58a25319107afe${i}`,
  type: "Class",
  title: "Prometheus::Node_exporter",
  exported: i % 2 === 0,
  tags: i % 3 === 0 ? [] : ["class", "node_exporter", `roles::web${i}`],
  file: i % 4 === 0 ? null : "/etc/puppetlabs/code/environments/prod/modules/prometheus/manifests/init.pp",
  line: 384,
  environment: "prod",
  parameters: {
    ensure: "present",
    "scrape-port": 9100 + i,
    manage: true,
    ratio: 0.5,
    bytes: 10_485_760,
    collectors: ["cpu", 1, false],
    none: null,
    empty: "",
    options: { labels: { alias: `host-${i}` }, "web.path": "/metrics" },
  },
});

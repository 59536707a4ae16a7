import { numbered, type ServedKind } from "../../testing/served-kind.ts";

/** The API as in https://mesosphere.github.io/marathon/api-console/index.html, with the authentication of DC/OS. */
export const servedMarathon: ServedKind = {
  key: "marathon_sd_configs",
  role: "",
  isInPrometheus: true,
  section: ({ url }) => `servers: ["${url}"]\nauth_token: canary-marathon`,
  serve(count) {
    const apps = numbered(count, app);
    return ({ path, query, headers }) => {
      if (headers.authorization !== "token=canary-marathon")
        return { status: 401, body: { message: "Invalid username or password." } };
      if (path !== "/v2/apps/" || query.get("embed") !== "apps.tasks") return { status: 404 };
      return { body: { apps } };
    };
  },
};

/** Kinds of networks and of declared ports. */
const NETWORKS: readonly ((i: number) => object)[] = [
  (i) => ({
    networks: [{ mode: "container/bridge" }],
    container: {
      type: "DOCKER",
      docker: { image: `registry/web:${i}` },
      portMappings: [
        { containerPort: 8080, hostPort: 0, servicePort: 10_000 + i, labels: { "metrics.path": "/metrics" } },
        { containerPort: 8081, hostPort: 31_500, servicePort: 0, labels: {} },
      ],
    },
  }),
  (i) => ({
    networks: [{ mode: "container", name: "dcos" }],
    container: {
      type: "MESOS",
      docker: { image: `registry/api:${i}`, portMappings: null },
      portMappings: [{ containerPort: 9090 }],
    },
  }),
  () => ({
    networks: [{ mode: "host" }],
    container: null,
    requirePorts: false,
    portDefinitions: [{ port: 10_001, protocol: "tcp", name: "http", labels: { VIP_0: "/a:80" } }, { port: 10_002 }],
  }),
  () => ({ networks: [{ mode: "host" }], requirePorts: true, portDefinitions: [{ port: 9100, labels: {} }] }),
  () => ({
    container: { docker: { image: "old", portMappings: [{ containerPort: 80, hostPort: 0 }, { containerPort: 81 }] } },
  }),
  () => ({ portDefinitions: [] }),
];

const app = (i: number): unknown => ({
  id: `/team/app-${i}`,
  labels: i % 2 === 0 ? { "team.name": "a", HAPROXY_0_VHOST: "x.example.com" } : {},
  instances: 2,
  tasksRunning: 2,
  ...NETWORKS[i % NETWORKS.length]!(i),
  tasks: numbered(2, (j) => ({
    id: `team_app-${i}.${j}`,
    host: `agent-${j}.example.com`,
    ports: [31_000 + i, 31_001 + i],
    ipAddresses: [{ ipAddress: `192.0.2.${(i + j) % 250}`, protocol: "IPv4" }],
    appId: `/team/app-${i}`,
    state: "TASK_RUNNING",
  })),
});

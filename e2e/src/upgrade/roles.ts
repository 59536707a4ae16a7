import type { Workplace } from "../support/workplace.ts";

export const ROLE_NAMES = ["server", "alertmanager", "pushgateway", "node-exporter", "dashboards"] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

export interface Endpoints {
  readonly ports: Readonly<Record<RoleName, number>>;
  /** Port of the target that the server scrapes. */
  readonly target: number;
  /** Port of the receiver of notifications. */
  readonly sink: number;
}

export const baseOf = ({ ports }: Endpoints, role: RoleName): string => `http://127.0.0.1:${ports[role]}`;

/** How to start a server in a temporary folder, with flags that every compared version accepts. */
export interface RoleStart {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** URL that answers with 200 when the server is ready. */
  readonly ready: string;
}

export const roleStart = (role: RoleName, workplace: Workplace, endpoints: Endpoints): RoleStart =>
  STARTS[role](workplace, endpoints);

const STARTS: Readonly<Record<RoleName, (workplace: Workplace, endpoints: Endpoints) => RoleStart>> = {
  server: (workplace, endpoints) => ({
    args: [
      `--config.file=${workplace.write("prometheus.yml", scrapes(endpoints))}`,
      `--storage.tsdb.path=${workplace.path("server")}`,
      // The block lengths are short, so that every compared version writes blocks and reads the other versions' blocks.
      "--storage.tsdb.min-block-duration=10s",
      "--storage.tsdb.max-block-duration=30s",
      "--web.enable-remote-write-receiver",
      "--enable-feature=native-histograms",
      address(endpoints, "server"),
    ],
    ready: `${baseOf(endpoints, "server")}/-/ready`,
  }),
  alertmanager: (workplace, endpoints) => ({
    args: [
      `--config.file=${workplace.write("alertmanager.yml", notifies(endpoints))}`,
      `--storage.path=${workplace.path("alertmanager")}`,
      "--cluster.listen-address=",
      address(endpoints, "alertmanager"),
    ],
    ready: `${baseOf(endpoints, "alertmanager")}/-/ready`,
  }),
  pushgateway: (workplace, endpoints) => ({
    args: [`--persistence.file=${workplace.path("pushed-groups")}`, address(endpoints, "pushgateway")],
    ready: `${baseOf(endpoints, "pushgateway")}/-/ready`,
  }),
  "node-exporter": (_, endpoints) => ({
    args: [address(endpoints, "node-exporter")],
    ready: `${baseOf(endpoints, "node-exporter")}/metrics`,
  }),
  dashboards: (workplace, endpoints) => ({
    args: [],
    env: {
      GF_SERVER_HTTP_ADDR: "127.0.0.1",
      GF_SERVER_HTTP_PORT: String(endpoints.ports.dashboards),
      GF_PATHS_DATA: workplace.path("dashboards"),
      GF_PATHS_PROVISIONING: workplace.path("provisioning"),
      GF_AUTH_ANONYMOUS_ENABLED: "true",
      GF_AUTH_ANONYMOUS_ORG_ROLE: "Admin",
    },
    ready: `${baseOf(endpoints, "dashboards")}/api/health`,
  }),
};

const address = ({ ports }: Endpoints, role: RoleName): string => `--web.listen-address=127.0.0.1:${ports[role]}`;

const scrapes = ({ ports, target }: Endpoints): string => `global: {scrape_interval: 1s}
scrape_configs:
  - job_name: counted
    static_configs: [{targets: ['127.0.0.1:${target}']}]
  - job_name: node
    static_configs: [{targets: ['127.0.0.1:${ports["node-exporter"]}']}]
`;

const notifies = ({ sink }: Endpoints): string => `route: {receiver: hook, group_wait: 0s, repeat_interval: 1h}
receivers:
  - name: hook
    webhook_configs: [{url: 'http://127.0.0.1:${sink}/', send_resolved: true}]
`;

import { flags as alertmanager } from "@narthex/alertmanager-app";
import { flags as dashboards } from "@narthex/dashboards-app";
import { cadvisorFlags as cadvisor, flags as nodeExporter } from "@narthex/node-exporter-app";
import { flags as pushgateway } from "@narthex/pushgateway-app";
import type { FlagTable } from "@narthex/runtime";
import { flags as server } from "@narthex/server-app";

/** A program, such as Prometheus or Grafana, that a Narthex server can replace. */
export interface Original {
  readonly title: string;
  readonly role: string;
  readonly table: FlagTable;
  /** Names of the program's executable in upstream archives and in packages. */
  readonly programs: readonly string[];
  /** Names of the program's container images, without registry and tag. */
  readonly images: readonly string[];
  /** Flags with paths to which the program writes, and the default paths in its image. */
  readonly data: Readonly<Record<string, string>>;
  /** Whether the program's image declares the data folder as a volume. */
  readonly declaresVolume: boolean;
  /** Default arguments in the program's image. */
  readonly imageArguments: readonly string[];
  readonly imageFolder: string;
  /**
   * Flags that only older versions have. The value is the flag that replaces it, or the reason why the flag is dropped.
   */
  readonly former?: Readonly<Record<string, FormerFlag>>;
}

type FormerFlag = { readonly now: string } | { readonly leftOut: string };

/** All programs that can be migrated. To add a program, add a row here and a row in docs/migrate.md. */
export const ORIGINALS: readonly Original[] = [
  {
    title: "Prometheus",
    role: "server",
    table: server,
    programs: ["prometheus"],
    images: ["prom/prometheus", "prometheus/prometheus"],
    data: { "storage.tsdb.path": "/prometheus/data", "storage.agent.path": "/prometheus/data-agent" },
    declaresVolume: true,
    imageArguments: ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"],
    imageFolder: "/prometheus",
    former: {
      "storage.tsdb.retention": { now: "storage.tsdb.retention.time" },
      "storage.tsdb.allow-overlapping-blocks": { leftOut: "blocks may always overlap" },
      "alertmanager.timeout": { leftOut: "it is a key of each entry of alerting.alertmanagers in the configuration" },
    },
  },
  {
    title: "Alertmanager",
    role: "alertmanager",
    table: alertmanager,
    programs: ["alertmanager", "prometheus-alertmanager"],
    images: ["prom/alertmanager", "prometheus/alertmanager"],
    data: { "storage.path": "/alertmanager/data" },
    declaresVolume: true,
    imageArguments: ["--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager"],
    imageFolder: "/alertmanager",
  },
  {
    title: "Pushgateway",
    role: "pushgateway",
    table: pushgateway,
    programs: ["pushgateway", "prometheus-pushgateway"],
    images: ["prom/pushgateway", "prometheus/pushgateway"],
    data: { "persistence.file": "" },
    declaresVolume: false,
    imageArguments: [],
    imageFolder: "/pushgateway",
  },
  {
    title: "node_exporter",
    role: "node-exporter",
    table: nodeExporter,
    programs: ["node_exporter", "prometheus-node-exporter", "node-exporter"],
    images: ["prom/node-exporter", "prometheus/node-exporter"],
    data: {},
    declaresVolume: false,
    imageArguments: [],
    imageFolder: "/",
    former: {
      "collector.netdev.ignored-devices": { now: "collector.netdev.device-exclude" },
    },
  },
  {
    title: "Grafana",
    role: "dashboards",
    table: dashboards,
    programs: ["grafana", "grafana-server"],
    images: ["grafana/grafana", "grafana/grafana-oss", "grafana/grafana-enterprise"],
    data: {},
    declaresVolume: false,
    imageArguments: [],
    imageFolder: "/usr/share/grafana",
    former: {
      homepath: { leftOut: "nothing is read from Grafana's installation" },
      packaging: { leftOut: "it only describes how Grafana was packaged" },
      pidfile: { leftOut: "Narthex writes no pid file" },
    },
  },
  {
    title: "cAdvisor",
    role: "cadvisor",
    table: cadvisor,
    programs: ["cadvisor"],
    images: ["cadvisor/cadvisor", "google/cadvisor", "google-containers/cadvisor", "google_containers/cadvisor"],
    data: {},
    declaresVolume: false,
    imageArguments: [],
    imageFolder: "/",
  },
];

/** Returns the program with this executable path, or undefined. */
export function originalOfProgram(path: string): Original | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return ORIGINALS.find(({ programs }) => programs.includes(name));
}

/**
 * Returns the program in a container image, or undefined. The image name has the form `[REGISTRY/]NAME[:TAG][@DIGEST]`.
 */
export function originalOfImage(image: string): Original | undefined {
  const name = image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  return ORIGINALS.find(({ images }) => images.some((own) => name === own || name.endsWith(`/${own}`)));
}

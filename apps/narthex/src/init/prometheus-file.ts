import type { Answers, JobAnswer } from "./answers.ts";
import { yamlScalar } from "./yaml-scalar.ts";

/** Scrape interval of all jobs. The dashboards' data source is set to the same value. */
export const SCRAPE_INTERVAL = "15s";

/** Returns a prometheus.yml with comments that explain each part. */
export function prometheusFile({ host, jobs, portOffset }: Answers): string {
  const own = (port: number): string => `localhost:${port + portOffset}`;
  const node = host
    ? `\n${ownJob("node", own(9100), "This host: processor, memory, disks, network, containers.")}`
    : "";
  return `# What Narthex watches, and which rules it evaluates. Made by narthex init; it is yours to change.
#
#   check it:    narthex promtool check config prometheus.yml
#   take it up:  curl -X POST http://${own(9090)}/-/reload
#   all keys:    https://prometheus.io/docs/prometheus/latest/configuration/configuration/

global:
  # How often each target is asked for its metrics, and how often rules are evaluated.
  scrape_interval: ${SCRAPE_INTERVAL}
  scrape_timeout: 10s
  evaluation_interval: ${SCRAPE_INTERVAL}

# Rules say when something is wrong. Every file of this folder is read: add yours beside the others (docs/alerts.md).
rule_files:
  - rules/*.yml
  # - alert-pack/*.yml # more alerts, with runbooks (docs/alert-pack.md)

# Alerts that fire go there. Who is told of them is in alertmanager.yml.
alerting:
  alertmanagers:
    - static_configs:
        - targets: [${own(9093)}]

# A job is a set of targets that serve the same thing; a target is the host:port of a page with metrics. The job's name
# becomes the label "job" of its series, the target's address the label "instance" (docs/scraping.md).
#
# From within Docker "localhost" is the container. Name another container by its service, as it stands in the compose file,
# and the machine around it host.docker.internal.
scrape_configs:
  # The parts of Narthex.
${ownJob("prometheus", own(9090), "")}
${ownJob("alertmanager", own(9093), "")}
${ownJob("dashboards", own(3000), "")}
${ownJob("pushgateway", own(9091), "Metrics that batch jobs have pushed (docs/batch-jobs.md). The jobs' own labels job and instance are kept.", ["honor_labels: true"])}${node}
${jobs.length === 0 ? EXAMPLE : `  # Yours.\n${jobs.map(jobOf).join("\n")}`}`;
}

function ownJob(name: string, target: string, about: string, keys: readonly string[] = []): string {
  const comment = about === "" ? [] : [`  # ${about}`];
  const lines = [`  - job_name: ${name}`, ...keys.map((key) => `    ${key}`), "    static_configs:"];
  return [...comment, ...lines, `      - targets: [${target}]`, ""].join("\n");
}

function jobOf({ name, scheme, targets, path }: JobAnswer): string {
  const lines = [
    `  - job_name: ${yamlScalar(name)}`,
    ...(scheme === "http" ? [] : [`    scheme: ${scheme}`]),
    ...(path === "/metrics" ? [] : [`    metrics_path: ${yamlScalar(path)}`]),
    "    static_configs:",
    "      - targets:",
    ...targets.map((target) => `          - ${yamlScalar(target)}`),
  ];
  return `${lines.join("\n")}\n`;
}

const EXAMPLE = `  # Yours: take the marks off, and write your own name and address.
  #
  # - job_name: shop
  #   metrics_path: /metrics
  #   static_configs:
  #     - targets: [localhost:8000]
`;

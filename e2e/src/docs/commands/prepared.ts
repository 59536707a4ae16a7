/** Prerequisites of the commands on a documentation page: files that exist, and a script that has run. */
export interface Prepared {
  readonly page: string;
  /**
   * Contents of files by name, relative to the test's folder for the page. The folder `root/etc` takes the place of
   * /etc.
   */
  readonly files?: Readonly<Record<string, string>>;
  /** Path of another documentation page. The test creates that page's files first. */
  readonly filesOf?: string;
  readonly script?: string;
}

const SERVER = `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: prometheus
    static_configs: [{ targets: ["localhost:9090"] }]
`;

const ALERTMANAGER = "route: { receiver: mail }\nreceivers: [{ name: mail }]\n";

/** Configuration whose receiver `on-call` sends to the test's own server, so that a documented test of it succeeds. */
const TOLD = `route: { receiver: on-call }
receivers: [{ name: on-call, webhook_configs: [{ url: "$SINK" }] }]
`;

const TOLD_ALERTMANAGER = {
  files: { "told.yml": TOLD },
  script: "bin/narthex alertmanager --config.file=told.yml",
};

/** Samples in OpenMetrics format, from which a documentation page creates a TSDB block. */
const SAMPLES = '# TYPE up gauge\nup{job="shop"} 1 1700000000\nup{job="shop"} 1 1700000060\n# EOF\n';

const SELF_SIGNED =
  "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost";

/** Prerequisites of every documentation page. A file that the page itself writes is not created. */
export const PREPARED_ALWAYS: Prepared = {
  page: "",
  files: { "prometheus.yml": SERVER, "alertmanager.yml": ALERTMANAGER },
};

/** Additional prerequisites of individual documentation pages. */
export const PREPARED: readonly Prepared[] = [
  { page: "README.md", script: "cp -rL deploy/config my-config" },
  { page: "docs/start.md", script: "cp -rL deploy/config my-config" },
  {
    page: "docs/alerts.md",
    files: {
      "told.yml": `global: { smtp_smarthost: "127.0.0.1:9", smtp_from: a@example.org }
route: { receiver: mail, group_by: [alertname] }
receivers:
  - name: mail
    email_configs: [{ to: team@example.org, headers: { Subject: "{{ .CommonLabels.alertname }}" } }]
  - name: on-call
    slack_configs: [{ api_url: "$SINK", channel: "#alerts" }]
    webhook_configs: [{ url: "$SINK" }]
`,
      "tests/alertmanager.yml": `route:
  receiver: mail
  group_by: [alertname]
  routes:
    - matchers: [severity="page"]
      receiver: on-call
      continue: true
    - matchers: [team="shop"]
      receiver: chat
      group_by: [alertname, team]
    - matchers: [severity="ticket"]
      mute_time_intervals: [night]
receivers: [{ name: mail }, { name: on-call }, { name: chat }]
inhibit_rules:
  - source_matchers: [alertname="ClusterDown"]
    target_matchers: [alertname="Slow"]
    equal: [cluster]
time_intervals:
  - name: night
    time_intervals: [{ times: [{ start_time: "00:00", end_time: "06:00" }] }]
`,
      "root/etc/alertmanager/.keep": "",
    },
    script: `bin/narthex server --web.enable-backtest --web.enable-lifecycle
bin/narthex alertmanager --config.file=told.yml
mkdir -p home/.config/amtool && echo "alertmanager.url: http://localhost:9093" > home/.config/amtool/config.yml
${SELF_SIGNED} -keyout am.key -out am.pem && cp am.pem ca.pem`,
  },
  { page: "docs/alert-email.md", ...TOLD_ALERTMANAGER },
  { page: "docs/alert-slack.md", ...TOLD_ALERTMANAGER },
  { page: "docs/batch-jobs.md", files: { "metrics.txt": "backup_files 12\n" } },
  {
    page: "docs/cold-tier.md",
    files: { "samples.txt": SAMPLES },
    script: "bin/narthex promtool tsdb create-blocks-from openmetrics samples.txt stopped/",
  },
  { page: "docs/doctor.md", script: "bin/narthex init --yes" },
  { page: "docs/consoles.md", script: "mkdir consoles console_libraries" },
  { page: "docs/dashboards-as-code.md", script: "mkdir dashboards && cp deploy/dashboards/host.json dashboards/" },
  {
    page: "docs/first-configuration.md",
    files: {
      "root/etc/narthex/smtp-password": "a password\n",
      "root/etc/narthex/slack-webhook": "https://hooks.slack.com/services/T/B/x\n",
    },
  },
  { page: "docs/first-service.md", filesOf: "docs/first-service-python.md", script: "python3 shop.py" },
  { page: "docs/hosts.md", files: { "root/var/lib/node_exporter/textfile_collector/job.prom": "job_runs 1\n" } },
  { page: "docs/metric-usage.md", files: { "root/etc/grafana/dashboards/empty.json": "{}\n" } },
  {
    page: "docs/move-from-prometheus.md",
    files: { "samples.txt": SAMPLES },
    script: `bin/narthex promtool tsdb create-blocks-from openmetrics samples.txt /var/lib/prometheus
bin/narthex server --storage.tsdb.path=/var/lib/prometheus --web.enable-admin-api --storage.tsdb.retention.time=100y`,
  },
  {
    page: "docs/upgrade-and-backup.md",
    files: { "samples.txt": SAMPLES },
    script: `bin/narthex promtool tsdb create-blocks-from openmetrics samples.txt data/server
bin/narthex server --storage.tsdb.path=running --web.enable-admin-api`,
  },
  { page: "docs/queries.md", script: "bin/narthex server --enable-feature=search-api" },
  {
    page: "docs/web-config.md",
    script: `${SELF_SIGNED} -keyout key.pem -out cert.pem && cp cert.pem ca.pem`,
  },
];

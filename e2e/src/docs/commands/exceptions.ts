import { goPath, python } from "../../support/requirements.ts";
import { PASSWORD } from "./stack.ts";

/**
 * A command in the documentation that the test does not run as it is written. Add a row, with the reason, only for a
 * command that would change the machine. An unused row fails the test.
 */
export type Exception = {
  /** Documentation pages that contain the command, as paths from the root of the repository. */
  readonly page: string | RegExp;
  /** The documented command as text, or a regular expression that matches it. */
  readonly command: string | RegExp;
  readonly reason: string;
} & (
  | { readonly kind: "left out" }
  /**
   * Another test runs the command. `test` is the path of that test from the root of the repository; `text` occurs in
   * the test.
   */
  | { readonly kind: "elsewhere"; readonly test: string; readonly text: string }
  | { readonly kind: "instead"; readonly run: string }
  /**
   * The command runs until the user ends it. The test starts it in the background, and continues when it listens on
   * `port`.
   */
  | { readonly kind: "serves"; readonly port: number; readonly run: string }
);

const SERVICES = "e2e/src/stack/services.test.ts";
const COMPOSE = "e2e/src/stack/compose.test.ts";
const MIGRATE = "apps/narthex/src/migrate/migrate.test.ts";
const ARCHIVE = "e2e/src/release/archive.test.ts";
const PACKAGES = "e2e/src/release/packages.test.ts";
const SHOP = /^docs\/first-service/;

/** Returns a curl command that sends a request to the dashboards server as the first user. */
const ask = (method: string, path: string): string =>
  `curl -u "admin:${PASSWORD}" -X ${method} "http://localhost:3000${path}"`;

const post = (path: string, body: string): string =>
  `${ask("POST", path)} -H 'Content-Type: application/json' -d '${body}'`;

export const EXCEPTIONS: readonly Exception[] = [
  {
    kind: "elsewhere",
    page: /^(README|docs\/start)\.md$/,
    command: "npx --yes pnpm@12.21.0 start",
    reason: "it installs packages, then runs `narthex up`",
    test: "e2e/src/stack/stack.test.ts",
    text: 'narthex(["up"',
  },
  {
    kind: "elsewhere",
    page: "docs/plugins.md",
    command: "narthex plugin dev calendar-of-days",
    reason: "it serves until the user ends it",
    test: "apps/narthex/src/plugin/plugin-commands.test.ts",
    text: "dev starts dashboards on this machine",
  },
  { kind: "left out", page: "README.md", command: "npx --yes pnpm@12.21.0 test", reason: "this test is a part of it" },
  ...[
    {
      command: /\/api\/teams -d/,
      run: [
        post("/api/folders", '{"uid": "UID", "title": "Shop"}'),
        post("/api/admin/users", '{"login": "ann", "password": "of the pages"}'),
        post("/api/teams", '{"name": "Operations"}'),
      ],
    },
    { command: /\/api\/teams\/1\/members/, run: [post("/api/teams/1/members", '{"userId": 2}')] },
    {
      command: /\/api\/access-control\/folders\/UID\/teams\/1/,
      run: [post("/api/access-control/folders/UID/teams/1", '{"permission": "Edit"}')],
    },
    {
      command: /\/api\/narthex\/deleted/,
      run: [
        post("/api/dashboards/db", '{"dashboard": {"uid": "UID", "title": "Shop"}}'),
        ask("DELETE", "/api/dashboards/uid/UID"),
        ask("DELETE", "/api/folders/UID"),
        ask("GET", "/api/narthex/deleted"),
      ],
    },
    { command: /\/api\/narthex\/audit\?/, run: [ask("GET", "/api/narthex/audit?kind=dashboard")] },
    { command: /\/api\/narthex\/audit\/export/, run: [ask("GET", "/api/narthex/audit/export?from=2026-01-01")] },
    { command: /\/api\/dashboards\/uid\/UID\/trash/, run: [ask("PATCH", "/api/dashboards/uid/UID/trash")] },
    { command: /\/api\/folders\/UID\/trash/, run: [ask("PATCH", "/api/folders/UID/trash")] },
    {
      command: /\/api\/serviceaccounts \\/,
      run: [post("/api/serviceaccounts", '{"name": "Terraform", "role": "Editor"}')],
    },
    {
      command: /\/api\/serviceaccounts\/ID\/tokens/,
      // Uses id 3 for the service account, because the dashboards server already has two users.
      run: [post("/api/serviceaccounts/3/tokens", '{"name": "ci", "secondsToLive": 2592000}')],
    },
  ].map(({ command, run }) => ({
    kind: "instead" as const,
    page: "docs/dashboards.md",
    command,
    reason: "the password and the ids are the reader's",
    run: run.join(" && "),
  })),

  {
    kind: "elsewhere",
    page: "docs/dashboards.md",
    command: /^\[auth\.jwt\]/,
    reason: "the reader has a proxy of their own",
    test: "apps/dashboards/src/auth/jwt/jwt-authenticator.test.ts",
    text: "JWK_SET_URL",
  },
  {
    kind: "elsewhere",
    page: "docs/data-sources.md",
    command: /type: grafana-postgresql-datasource/,
    reason: "the reader has databases of their own",
    test: "e2e/src/dashboards/sql/postgres-source.test.ts",
    text: "grafana-postgresql-datasource",
  },
  {
    kind: "elsewhere",
    page: "docs/one-sign-in.md",
    command: /--web\.sign-in-url=/,
    reason: "the roles need an instance of the dashboards at this address",
    test: "e2e/src/stack/one-sign-in.test.ts",
    text: "--web.sign-in-url=",
  },
  {
    kind: "elsewhere",
    page: "docs/one-sign-in.md",
    command: /\/api\/teams\/1/,
    reason: "the password and the id are the reader's",
    test: "apps/dashboards/src/auth/identity-routes.test.ts",
    text: "narthexMatchers",
  },
  {
    kind: "elsewhere",
    page: "docs/one-sign-in.md",
    command: /\/api\/serviceaccounts\/ID\/tokens/,
    reason: "the password and the id are the reader's",
    test: "e2e/src/stack/one-sign-in.test.ts",
    text: "/api/serviceaccounts/",
  },
  {
    kind: "elsewhere",
    page: "docs/dashboards.md",
    command: /^\[smtp\]/,
    reason: "the mail server is the reader's",
    test: "apps/dashboards/src/mail/mailer.test.ts",
    text: '"smtp.host"',
  },
  {
    kind: "elsewhere",
    page: "docs/reports.md",
    command: /\/render\/d\//,
    reason: "the password and the dashboard are the reader's, and the machine may have no browser",
    test: "e2e/src/dashboards/reports.test.ts",
    text: "/render/d/",
  },
  {
    kind: "elsewhere",
    page: "docs/dashboards.md",
    command: /^\[auth\.generic_oauth\]/,
    reason: "the provider is the reader's",
    test: "apps/dashboards/src/auth/oauth/oauth.test.ts",
    text: "ISSUER_URL",
  },
  {
    kind: "elsewhere",
    page: "docs/dashboards.md",
    command: /^\[auth\.github\]/,
    reason: "the GitHub Enterprise server is the reader's",
    test: "apps/dashboards/src/auth/oauth/kinds/github.test.ts",
    text: "ALLOWED_ORGANIZATIONS",
  },
  {
    kind: "elsewhere",
    page: "docs/dashboards.md",
    command: /^apiVersion: 1\nserviceAccounts:/,
    reason: "the role reads the file at its start",
    test: "apps/dashboards/src/service-accounts/service-account-routes.test.ts",
    text: "serviceAccounts:",
  },
  {
    kind: "elsewhere",
    page: "docs/data-sources.md",
    command: /type: grafana-clickhouse-datasource/,
    reason: "the reader has a database of their own",
    test: "e2e/src/dashboards/sql/clickhouse-source.test.ts",
    text: "grafana-clickhouse-datasource",
  },
  {
    kind: "elsewhere",
    page: "docs/data-sources.md",
    command: /type: elasticsearch/,
    reason: "the cluster is the reader's",
    test: "packages/datasources/src/elasticsearch/elasticsearch-source.test.ts",
    text: "elasticsearch",
  },
  {
    kind: "elsewhere",
    page: "docs/data-sources.md",
    command: /type: frser-sqlite-datasource/,
    reason: "the file is the reader's",
    test: "e2e/src/dashboards/sql/sqlite-source.test.ts",
    text: "frser-sqlite-datasource",
  },
  {
    kind: "elsewhere",
    page: "docs/data-sources.md",
    command: /type: influxdb/,
    reason: "the server is the reader's",
    test: "e2e/src/dashboards/sources/influxdb-source.test.ts",
    text: "influxdb",
  },
  {
    kind: "elsewhere",
    page: "docs/data-sources.md",
    command: /type: graphite/,
    reason: "the server is the reader's",
    test: "e2e/src/dashboards/sources/graphite-source.test.ts",
    text: "graphite",
  },
  {
    kind: "elsewhere",
    page: "docs/data-sources.md",
    command: /type: tempo/,
    reason: "the server is the reader's",
    test: "packages/datasources/src/tempo/tempo-source.test.ts",
    text: "tempo",
  },
  {
    kind: "elsewhere",
    page: "docs/data-sources.md",
    command: /type: yesoreyeram-infinity-datasource/,
    reason: "the server of the documents is the reader's",
    test: "packages/datasources/src/infinity/infinity-source.test.ts",
    text: "yesoreyeram-infinity-datasource",
  },
  {
    kind: "elsewhere",
    page: "docs/data-sources.md",
    command: /type: loki/,
    reason: "the Loki is the reader's",
    test: "packages/datasources/src/loki/loki-source.test.ts",
    text: "httpHeaderValue1",
  },
  {
    kind: "left out",
    page: SHOP,
    command:
      /^(?:pip install prometheus-client|npm install prom-client|go mod (?:init shop|tidy)|go get github\.com\/prometheus\/client_golang\/prometheus)$/,
    reason: "the library comes with the machine or the lockfile, not from the network",
  },
  {
    kind: "serves",
    page: SHOP,
    command: "python3 shop.py",
    reason: "a service",
    port: 8000,
    run: `exec ${python} shop.py`,
  },
  { kind: "serves", page: SHOP, command: "node shop.mjs", reason: "a service", port: 8000, run: "exec node shop.mjs" },
  {
    kind: "serves",
    page: SHOP,
    command: "go run shop.go",
    reason: "`go run` hands no signal on to its program; Debian's libraries lie in a GOPATH",
    port: 8000,
    run: `GO111MODULE=off GOPATH=${goPath} go build -o shop shop.go && exec ./shop`,
  },
  {
    kind: "serves",
    page: SHOP,
    command: /^mvn -q compile /,
    reason: "no Debian package has io.prometheus: the program runs on a stand-in for the classes that it uses",
    port: 8000,
    run: "mkdir classes && javac -d classes $(find $JAVA_CLIENT src -name '*.java') && exec java -cp classes Shop",
  },
  {
    kind: "left out",
    page: /^docs\/(?:helm|kubernetes)\.md$/,
    command: /^(?:kind|kubectl|helm) /,
    reason: "it needs a cluster; what it applies is checked in e2e/src/kubernetes",
  },
  {
    kind: "left out",
    page: /^docs\/(?:helm|kubernetes)\.md$/,
    command: /^for role in .* (?:docker tag|kind load) /,
    reason: "it needs the images",
  },
  {
    kind: "elsewhere",
    page: "docs/services.md",
    command:
      /^(?:sudo )?narthex service (?:install|uninstall|status|logs) (?!--print|--destdir)|^narthex service status$/,
    reason: "it changes services of the machine",
    test: SERVICES,
    text: '"service", "install"',
  },
  {
    kind: "elsewhere",
    page: "docs/services.md",
    command: /^sudo ln /,
    reason: "it gives the machine a program of that name",
    test: PACKAGES,
    text: "ln -s /opt/narthex/bin/narthex /pushgateway",
  },
  { kind: "left out", page: "docs/services.md", command: /^chown /, reason: "the user comes with the service" },
  {
    kind: "elsewhere",
    page: "docs/install.md",
    command: /^(?:sha256sum|tar|narthex-0\.1\.0-linux-x64\/bin\/narthex) /,
    reason: "it needs a release",
    test: ARCHIVE,
    text: "tar",
  },
  {
    kind: "elsewhere",
    page: "docs/install.md",
    command: /^(?:npx|npm|sudo (?:apt|dnf|systemctl|rm|userdel)|for role in .* sudo userdel) /,
    reason: "it needs a release, and installs on the machine",
    test: PACKAGES,
    text: "dpkg",
  },
  {
    kind: "elsewhere",
    page: "docs/libraries.md",
    command: "npm install ./narthex-promql-0.1.0.tgz ./narthex-tsdb-0.1.0.tgz",
    reason: "it needs a release",
    test: "apps/release/src/libraries/libraries.test.ts",
    text: "install",
  },
  {
    kind: "elsewhere",
    page: "docs/libraries.md",
    command: /^import \{ evaluate \}/,
    reason: "it needs the packages",
    test: "apps/release/src/libraries/libraries.test.ts",
    text: "README",
  },
  {
    kind: "elsewhere",
    page: "docs/releases.md",
    command: /pnpm@12\.21\.0 (?:install --frozen-lockfile|release)/,
    reason: "releases are made in suites of their own",
    test: ARCHIVE,
    text: "release",
  },
  {
    kind: "left out",
    page: "docs/releases.md",
    command: /e2e\/src\/upgrade\/main\.ts /,
    reason: "it needs an earlier version, and takes minutes",
  },
  { kind: "left out", page: "docs/benchmarks.md", command: /pnpm bench /, reason: "it takes hours" },
  { kind: "left out", page: /./, command: /^htpasswd /, reason: "it asks for a password at a terminal" },

  {
    kind: "elsewhere",
    page: "docs/alerts.md",
    command: /^sudo -u postgres /,
    reason: "it makes a database of the machine's",
    test: "e2e/src/alertmanager/postgres/shared-books.test.ts",
    text: "store.url",
  },
  {
    kind: "elsewhere",
    page: "docs/containers.md",
    command: /^bin\/narthex node-exporter --collector\.containers$|grep container_memory/,
    reason: "it needs containers that run",
    test: "e2e/src/node-exporter/containers/containers.test.ts",
    text: "--collector.containers",
  },
  {
    kind: "instead",
    page: "docs/notification-context.md",
    command: /\/api\/annotations/,
    reason: "the password is the reader's",
    run: post("/api/annotations", '{"tags": ["deployment"], "text": "shop 2.3.1"}'),
  },
  {
    kind: "instead",
    page: "docs/batch-jobs.md",
    command: /^curl -u alice /,
    reason: "curl asks for the password at a terminal",
    run: "curl -u alice:fakepassword --data-binary @- http://localhost:9091/metrics/job/backup-db < metrics.txt",
  },
  {
    kind: "instead",
    page: "docs/web-config.md",
    command: /^curl --cacert /,
    reason: "curl asks for the password at a terminal",
    run: "curl --cacert cert.pem -u admin:fakepassword https://localhost:9100/metrics",
  },
  {
    kind: "instead",
    page: /^docs\/(?:doctor|troubleshooting)\.md$/,
    command: "bin/narthex doctor",
    reason: "the ports of the originals may be anybody's here, which is an error that it tells",
    run: "bin/narthex doctor || test $? -le 2",
  },
  {
    kind: "instead",
    page: "docs/first-configuration.md",
    command: "bin/narthex init",
    reason: "it asks at a terminal",
    run: "bin/narthex init --yes",
  },
  {
    kind: "instead",
    page: "docs/move-from-prometheus.md",
    command: /snapshots\/NAME/,
    reason: "the name is the snapshot's",
    run: "bin/narthex server --storage.tsdb.path=$(ls -d /var/lib/prometheus/snapshots/*) --web.listen-address=:9091",
  },
  {
    kind: "elsewhere",
    page: "docs/queries.md",
    command: /\/queries\/17/,
    reason: "no query has this number",
    test: "e2e/src/server/promql/query-threads.test.ts",
    text: "narthex/queries",
  },
  {
    kind: "instead",
    page: "docs/cold-tier.md",
    command: "narthex promtool tsdb rewrite-blocks-as prometheus data/",
    reason: "the server of the page runs on that folder, and is to be stopped before",
    run: "narthex promtool tsdb rewrite-blocks-as prometheus stopped/",
  },
  {
    kind: "instead",
    page: "docs/doctor.md",
    command: "bin/narthex doctor --config-dir=narthex-config --data-dir=./data --port-offset=1000",
    reason: "warnings of this machine are a status, too",
    run: "bin/narthex doctor --config-dir=narthex-config --data-dir=./data --port-offset=1000 || test $? -le 2",
  },
  {
    kind: "instead",
    page: "docs/doctor.md",
    command: "bin/narthex doctor server --config.file=prometheus.yml --storage.tsdb.path=data/",
    reason: "warnings of this machine are a status, too",
    run: "bin/narthex doctor server --config.file=prometheus.yml --storage.tsdb.path=data/ || test $? -le 2",
  },
  {
    kind: "left out",
    page: /^docs\/(?:helm|kubernetes|kubernetes-monitors|kubernetes-alertmanager-configs)\.md$/,
    command: /^(?:server:|metadata:|# kustomization|apiVersion:)/,
    reason: "it needs a cluster; what it belongs to is checked in e2e/src/kubernetes",
  },
  {
    kind: "elsewhere",
    page: "docs/discovery.md",
    command: /service-discovery --dry-run/,
    reason: "its server and the changed file are the reader's",
    test: "apps/narthex/src/promtool/service-discovery/dry-run.test.ts",
    text: "--dry-run",
  },
  {
    kind: "elsewhere",
    page: "docs/discovery.md",
    command: /^apiVersion: rbac/,
    reason: "what discovery asks a cluster for is compared with these rules",
    test: "e2e/src/kubernetes/discovery-access.test.ts",
    text: "deploy/kubernetes",
  },
  {
    kind: "elsewhere",
    page: "docs/docker.md",
    command: /^healthcheck:/,
    reason: "it needs the images",
    test: "e2e/src/stack/image-health.test.ts",
    text: "wget",
  },
  {
    kind: "left out",
    page: "docs/services.md",
    command: /^\[Service\]/,
    reason: "it is a part of a unit of systemd's",
  },
  {
    kind: "elsewhere",
    page: /./,
    command: /^(?:\w+=(?:\$\([^)]*\)|\S+) )*docker (?:compose|run|buildx) /,
    reason: "images are built once, in the suite of images",
    test: COMPOSE,
    text: '"up", "--wait"',
  },
  {
    kind: "elsewhere",
    page: "docs/migrate.md",
    command: /narthex[ -]migrate/,
    reason: "it needs originals that run",
    test: MIGRATE,
    text: "migrate",
  },
];

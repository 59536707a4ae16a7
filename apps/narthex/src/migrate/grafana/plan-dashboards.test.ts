import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { FakeMachine } from "../testing/fake-machine.ts";
import { writeGrafanaDatabase } from "../testing/grafana-file.ts";

const UNIT = `[Service]
EnvironmentFile=/etc/default/grafana-server
Environment=GF_SECURITY_ADMIN_PASSWORD=s3cret
User=grafana
WorkingDirectory=/usr/share/grafana
ExecStart=/usr/share/grafana/bin/grafana server --config=\${CONF_FILE} --pidfile=/run/grafana.pid --packaging=deb \\
  cfg:default.paths.data=\${DATA_DIR} cfg:default.paths.provisioning=\${PROVISIONING_CFG_DIR}
LimitNOFILE=10000
`;

/** Installs a Grafana package on a fake machine. The paths in its settings do not contain the test's root folder. */
function installed(machine: FakeMachine): void {
  machine.write("/etc/systemd/system/grafana-server.service", UNIT);
  machine.write(
    "/etc/default/grafana-server",
    "GRAFANA_USER=grafana\nLOG_DIR=/var/log/grafana\nCONF_FILE=/etc/grafana/grafana.ini\nDATA_DIR=/var/lib/grafana\nPROVISIONING_CFG_DIR=/etc/grafana/provisioning\n",
  );
  machine.write("/etc/grafana/grafana.ini", "[server]\nhttp_port = 3300\n[quota]\nenabled = true\n");
  machine.write(
    "/etc/grafana/provisioning/datasources/main.yaml",
    "apiVersion: 1\ndatasources: [{name: Main, type: prometheus, url: 'http://localhost:9090', isDefault: true}]\n",
  );
  writeGrafanaDatabase(machine.path("/var/lib/grafana/grafana.db"), {
    dashboard: [
      { id: 1, uid: "f", title: "Team / Shop", is_folder: 1, data: "{}" },
      { id: 2, uid: "d", title: "Über uns", folder_uid: "f", data: JSON.stringify({ title: "Über uns", panels: [] }) },
    ],
    data_source: [
      { uid: "m", name: "Main", type: "prometheus", url: "http://localhost:9090" },
      {
        uid: "l",
        name: "Traces",
        type: "cloudwatch",
        url: "http://$host:3200",
        secure_json_data: '{"token":"c2VhbGVk"}',
      },
    ],
    alert_rule: [{ id: 1, title: "x" }],
  });
}

test("dashboards and data sources of the database become provisioning files next to the existing ones", async () => {
  using machine = new FakeMachine();
  installed(machine);
  const { roles, files } = await machine.plan();
  expect(roles[0]).toMatchObject({
    role: "dashboards",
    wouldRun: ["narthex", "dashboards", "--config=/etc/grafana/grafana.ini"],
    user: "grafana",
    variables: ["GF_SECURITY_ADMIN_PASSWORD"],
    data: [
      {
        path: machine.path("/var/lib/grafana/grafana.db"),
        text: expect.stringMatching(/^1 dashboards and 2 data sources/),
      },
    ],
  });
  const told = roles[0]!.notes.map(({ text }) => text).join("\n");
  for (const words of [
    "not migrated: 1 alert rules",
    "token is encrypted",
    "the type cloudwatch is not supported",
    "quota.enabled has no effect",
  ])
    expect(told).toContain(words);
  expect(
    files.map((path) => path.replace("narthex-migrate/", "")).filter((path) => path.startsWith("grafana/")),
  ).toEqual([
    "grafana/provisioning/datasources/main.yaml",
    "grafana/dashboards/Team - Shop/über-uns.json",
    "grafana/provisioning/dashboards/migrated.yml",
    "grafana/provisioning/datasources/migrated.yml",
  ]);
  expect((await machine.migrate(["--apply"])).status).toBe(0);
  const written = (path: string): string => machine.read(`/work/narthex-migrate/${path}`);
  expect(written("grafana/provisioning/dashboards/migrated.yml")).toContain(
    "path: /etc/narthex-dashboards/dashboards\n",
  );
  expect(written("grafana/provisioning/datasources/migrated.yml")).toMatch(
    /- name: Traces\n.*url: "http:\/\/\$\$host:3200"\n/s,
  );
  expect(written("grafana/provisioning/datasources/migrated.yml")).not.toContain("name: Main");
  const over = written("switch-over.sh");
  for (const folder of ["provisioning", "dashboards"].map((name) => `/etc/narthex-dashboards/${name}`))
    expect(over).toContain(`chown -R grafana: ${folder}.part\nchmod -R u=rwX,go= ${folder}.part\n`);
  expect(over.indexOf("cp -a")).toBeLessThan(over.indexOf("systemctl disable"));
  expect(written("go-back.sh")).toContain(
    "{ rm -rf /etc/narthex-dashboards/dashboards; mv /etc/narthex-dashboards/dashboards.before-narthex /etc/narthex-dashboards/dashboards; }",
  );
  const { mode } = statSync(machine.path("/work/narthex-migrate/grafana/provisioning/datasources/migrated.yml"));
  expect(mode & 0o077).toBe(0);
  expect(written("secrets/narthex-dashboards.env")).toBe('GF_SECURITY_ADMIN_PASSWORD="s3cret"\n');
});

test("a user without a name does not open the provisioning to all users: the service's own user gets it", async () => {
  using machine = new FakeMachine();
  installed(machine);
  machine.write("/etc/systemd/system/grafana-server.service", UNIT.replace("User=grafana", "DynamicUser=yes"));
  expect((await machine.migrate(["--apply"])).status).toBe(0);
  const script = machine.read("/work/narthex-migrate/switch-over.sh");
  expect(script).toMatch(
    /useradd --system .* narthex-dashboards\n.*\nchown -R narthex-dashboards: .*\nchmod -R u=rwX,go= .*\n/s,
  );
  expect(script).not.toContain("a+rX");
});

test("alerting in files and settings that is not migrated is reported", async () => {
  using machine = new FakeMachine();
  installed(machine);
  machine.write("/etc/grafana/grafana.ini", "[unified_alerting]\nha_peers = a:9094\n");
  machine.write("/etc/grafana/provisioning/alerting/rules.yaml", "apiVersion: 1\ngroups: [{name: cpu}]\n");
  const told = (await machine.plan()).roles[0]!.notes.map(({ text }) => text).join("\n");
  expect(told).toMatch(/grafana\.ini:2: unified_alerting\.ha_peers has no effect in this build: write alert rules/);
  expect(told).toMatch(/provisioning\/alerting \(rules\.yaml\): files of this kind are not read/);
});

test("restricted dashboards become files of a provider for admins only, and the plan lists them", async () => {
  using machine = new FakeMachine();
  installed(machine);
  const database = new DatabaseSync(machine.path("/var/lib/grafana/grafana.db"));
  database.exec(`
    INSERT INTO dashboard (id, uid, title, is_folder, data) VALUES (3, 's', 'Salaries', 1, '{}');
    INSERT INTO dashboard (id, uid, title, folder_uid, data) VALUES (4, 'p', 'Payments', 's', '{}');
    INSERT INTO dashboard (id, uid, title, data) VALUES (5, 'o', 'Of a file', '{}');
    INSERT INTO dashboard_provisioning (dashboard_id, name) VALUES (5, 'files');
    INSERT INTO role (id, org_id, name) VALUES (1, 1, 'managed:builtins:viewer:permissions'), (2, 1, 'managed:builtins:editor:permissions');
    INSERT INTO permission (role_id, action, scope) VALUES (1, 'folders:view', 'folders:uid:f'), (2, 'folders:edit', 'folders:uid:f');
  `);
  database.close();
  const { roles, files } = await machine.plan();
  const told = roles[0]!.notes.map(({ text }) => text).join("\n");
  expect(told).toMatch(/grafana\.db: permissions are not migrated: .* for admins only: Payments$/m);
  expect(told).toMatch(
    /dashboards from files are visible for all users; add adminsOnly: true to the provider of: Of a file$/m,
  );
  expect(files).toContain("narthex-migrate/grafana/dashboards/.for-admins/Salaries/payments.json");
  expect((await machine.migrate(["--apply"])).status).toBe(0);
  expect(machine.read("/work/narthex-migrate/grafana/provisioning/dashboards/migrated.yml")).toMatch(
    /- name: "migrated for admins"\n.*path: \S+\/\.for-admins\n.*adminsOnly: true\n.*- name: migrated\n/s,
  );
});

test("the role that replaces a process uses its folders, relative to its home, and reads the files of the plan", async () => {
  using machine = new FakeMachine();
  machine.write("/opt/grafana/conf/custom.ini", "[server]\nhttp_port = 3300\n");
  writeGrafanaDatabase(machine.path("/opt/grafana/data/grafana.db"), {
    dashboard: [{ id: 1, uid: "d", title: "One", data: "{}" }],
  });
  machine.process({ pid: 9, words: ["bin/grafana", "server", "--homepath", "/opt/grafana"], cwd: "/opt/grafana" });
  const { roles } = await machine.plan();
  expect(roles[0]!.wouldRun.slice(2)).toEqual([
    "--config=/opt/grafana/conf/custom.ini",
    "cfg:paths.data=/opt/grafana/data",
    `cfg:paths.provisioning=${machine.path("/work/narthex-migrate/grafana/provisioning")}`,
  ]);
});

test("refused settings, and a database that is on another machine or missing, are reported", async () => {
  using machine = new FakeMachine();
  installed(machine);
  machine.write("/etc/grafana/grafana.ini", "[server]\nhttp_port = many\n");
  const refused = await machine.plan();
  expect(refused.verdict).toBe("blocks");
  expect(refused.roles[0]!.notes[0]!.text).toMatch(/grafana\.ini:2: server\.http_port: /);
  machine.write("/etc/grafana/grafana.ini", "[database]\ntype = mysql\n");
  expect((await machine.plan()).roles[0]!.notes[0]!.text).toContain("MySQL");
  machine.write("/etc/grafana/grafana.ini", "");
  machine.write("/work/copy.db", "none");
  const { roles } = await machine.plan("--grafana-database=copy.db");
  expect(roles[0]!.notes.map(({ text }) => text).join("\n")).toMatch(/copy\.db cannot be read: .*--grafana-database/);
});

test("a container's database is read on the host, and an extra compose file mounts the result", async () => {
  using machine = new FakeMachine();
  machine.write(
    "/work/compose.yml",
    "services:\n  grafana:\n    image: grafana/grafana:11.0.0\n    volumes: [./data:/var/lib/grafana, ./provisioning:/etc/grafana/provisioning:ro]\n",
  );
  machine.write(
    "/work/provisioning/dashboards/own.yaml",
    "apiVersion: 1\nproviders: [{name: own, options: {path: /d}}]\n",
  );
  writeGrafanaDatabase(machine.path("/work/data/grafana.db"), {
    dashboard: [{ id: 1, uid: "d", title: "One", data: "{}" }],
  });
  expect((await machine.migrate(["--from-compose=.", "--apply"])).status).toBe(0);
  const out = machine.path("/work/narthex-migrate");
  expect(machine.read("/work/compose.narthex-grafana.yml")).toMatch(/^# .*\nservices:\n {2}grafana:\n {4}volumes:\n/);
  expect(machine.read("/work/compose.narthex-grafana.yml")).toContain(
    `- ${out}/grafana/provisioning:/etc/grafana/provisioning:ro\n`,
  );
  expect(machine.read("/work/narthex-migrate/grafana/provisioning/dashboards/migrated.yml")).toContain(
    "path: /etc/narthex/dashboards\n",
  );
  expect(machine.has("/work/narthex-migrate/grafana/provisioning/dashboards/own.yaml")).toBe(true);
  expect(machine.read("/work/narthex-migrate/switch-over.sh")).toMatch(
    /-f \S+compose\.narthex\.yml -f \S+compose\.narthex-grafana\.yml up -d --pull never grafana\n/,
  );
});

test("a variable of Grafana's process is carried if its settings or its provisioning name it", async () => {
  using machine = new FakeMachine();
  installed(machine);
  machine.write("/etc/grafana/grafana.ini", "[security]\nadmin_password = $__env{FIRST}\n");
  machine.write(
    "/etc/grafana/provisioning/datasources/main.yaml",
    "apiVersion: 1\ndatasources: [{name: Main, type: prometheus, url: 'http://${SECOND}:9090'}]\n",
  );
  const env = ["FIRST=a", "SECOND=b", "THIRD=c"];
  const words = ["grafana", "server", "--config=/etc/grafana/grafana.ini"];
  machine.process({ pid: 9, words, env });
  expect((await machine.plan("--from-process=9")).roles[0]!.variables).toEqual(["FIRST", "SECOND"]);
});

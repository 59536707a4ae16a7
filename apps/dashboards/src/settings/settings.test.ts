import fc from "fast-check";
import { expect, test } from "vitest";
import { expandProvisioned } from "./expansion.ts";
import { readIni } from "./ini-file.ts";
import { settingsAddress } from "./listen-address.ts";
import { loadSettings, type SettingSources } from "./load-settings.ts";

const files: Record<string, string> = { "/run/password": "from file\n" };

function load(given: Partial<Omit<SettingSources, "ini">> & { readonly ini?: string } = {}) {
  const { ini, ...rest } = given;
  return loadSettings({
    env: {},
    overrides: [],
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT: no such file, open '${path}'`);
      return text;
    },
    ...rest,
    ini: ini === undefined ? undefined : { file: "grafana.ini", text: ini },
  });
}

test("loadSettings() reads defaults, the file, variables and arguments; later sources take precedence", () => {
  expect(load().values["server.http_port"]).toBe(3000);
  const ini = "[server]\nhttp_port = 3001 ; moved\n";
  expect(load({ ini, overrides: ["default.server.http_port=9"] }).values["server.http_port"]).toBe(3001);
  const env = { GF_SERVER_HTTP_PORT: "3002" };
  expect(load({ ini, env }).values["server.http_port"]).toBe(3002);
  expect(load({ ini, env, overrides: ["server.http_port=3003"] }).values["server.http_port"]).toBe(3003);
});

test("loadSettings() replaces references to keys, variables and files", () => {
  const ini = [
    "[server]",
    "domain = ${HOST}",
    "[security]",
    "admin_user = $__env{WHO}",
    "admin_password = $__file{/run/password}",
    'secret_key = """a;%(b)s#c"""',
  ].join("\n");
  const { values } = load({ ini, env: { HOST: "example.org", WHO: "ann" } });
  expect(values["server.root_url"]).toBe("http://example.org:3000/");
  expect([values["security.admin_user"], values["security.admin_password"], values["security.secret_key"]]).toEqual([
    "ann",
    "from file",
    "a;%(b)s#c",
  ]);
});

test("loadSettings() reads a value from the file that GF_…__FILE names, and refuses this variable if the value itself is also set", () => {
  const env = { GF_SECURITY_ADMIN_PASSWORD__FILE: "/run/password" };
  expect(load({ env }).values["security.admin_password"]).toBe("from file");
  expect(() => load({ env: { ...env, GF_SECURITY_ADMIN_PASSWORD: "x" } })).toThrow(
    "both GF_SECURITY_ADMIN_PASSWORD and GF_SECURITY_ADMIN_PASSWORD__FILE are set",
  );
});

test("loadSettings() warns of keys without an effect, except those that every deployment sets", () => {
  const ini = "[analytics]\nreporting_enabled = false\n[auth.saml]\nenabled = true\n";
  const env = { GF_FEATURE_TOGGLES_ENABLE: "x", GF_INSTALL_PLUGINS: "a", GF_NONSENSE: "1", PATH: "/bin" };
  expect(load({ ini, env }).warnings).toEqual([
    "GF_NONSENSE has no effect in this build",
    "grafana.ini:4: auth.saml.enabled has no effect in this build",
  ]);
});

test("loadSettings() suggests the alternative to alerting settings, unless they disable alerting", () => {
  const ini = "[unified_alerting]\nenabled = false\nevaluation_timeout = 30s\n";
  const env = { GF_ALERTING_ENABLED: "false", GF_UNIFIED_ALERTING_HA_PEERS: "a:9094" };
  const instead = "write alert rules for the server, and receivers into the Alertmanager's configuration";
  expect(load({ ini, env }).warnings).toEqual([
    `GF_UNIFIED_ALERTING_HA_PEERS has no effect in this build: ${instead}`,
    `grafana.ini:3: unified_alerting.evaluation_timeout has no effect in this build: ${instead}`,
  ]);
  expect(load({ env: { GF_UNIFIED_ALERTING_ENABLED: "true" } }).warnings).toHaveLength(1);
});

test("loadSettings() reports file, line and key of every invalid value", () => {
  const ini = "[server]\nhttp_port = many\n\nnonsense\n[auth.anonymous]\nenabled = perhaps\norg_role = King\n";
  expect(() => load({ ini })).toThrow(
    [
      "grafana.ini:4:1: not a key and a value: nonsense; write key = value, or begin the line with ;",
      'grafana.ini:2: server.http_port: "many" is not a whole number',
      'grafana.ini:6: auth.anonymous.enabled: "perhaps" is neither true nor false',
      'grafana.ini:7: auth.anonymous.org_role: "King" is none of None, Viewer, Editor, Admin',
    ].join("\n"),
  );
});

test("loadSettings() refuses values that refer to themselves or to each other endlessly", () => {
  const ini = "[server]\ndomain = %(root_url)s%(root_url)s%(root_url)s\nroot_url = %(domain)s%(domain)s%(domain)s\n";
  expect(load({ ini }).values["server.domain"].length).toBeLessThanOrEqual(65_536);
});

test("readIni() reads sections, comments, quotes and continued lines", () => {
  const { entries } = readIni('a=1\n[s]\n; no\n# no\nb: two # comment\nc = "x;y"\nd = one \\\n  two\n', "f");
  expect(entries.map(({ section, key, value }) => [section, key, value])).toEqual([
    ["DEFAULT", "a", "1"],
    ["s", "b", "two"],
    ["s", "c", "x;y"],
    ["s", "d", "one two"],
  ]);
});

test("readIni() accepts any text", () => {
  fc.assert(fc.property(fc.string(), (text) => void readIni(text, "f")));
});

test.each([
  ["$$A", "$A"],
  ["x $A y", "x a y"],
  ["${A}${B}", "a"],
  ["$__env{A}!", "a!"],
  ["$__file{/run/password}", "from file"],
  ["100$", "100$"],
  ["$$$A", "$a"],
  ["$.$", "$.$"],
])("expandProvisioned() of %s is %s", (text, expected) => {
  expect(expandProvisioned(text, { env: { A: "a" }, readFile: (path) => files[path]! })).toBe(expected);
});

test.each([
  ["::", "[::]:3000"],
  ["::1", "[::1]:3000"],
  ["[::]", "[::]:3000"],
  ["", ":3000"],
  ["127.0.0.1", "127.0.0.1:3000"],
])("settingsAddress() of server.http_addr %j is %s", (address, expected) => {
  expect(settingsAddress(load({ env: { GF_SERVER_HTTP_ADDR: address } }).values)).toBe(expected);
});

test("loadSettings() warns of keys without an effect that change what users see, unless the value matches this role's behaviour", () => {
  const ini = [
    "[explore]",
    "enabled = false",
    "[panels]",
    "disable_sanitize_html = true",
    "[date_formats]",
    "default_timezone = UTC",
    "[users]",
    "default_language = de-DE",
    "[log]",
    "mode = console",
  ].join("\n");
  const env = {
    GF_SNAPSHOTS_EXTERNAL_ENABLED: "false",
    GF_DATAPROXY_SEND_USER_HEADER: "true",
    GF_SMTP_ENABLED: "false",
  };
  expect(load({ ini, env }).warnings.map((warning) => warning.replace(" has no effect in this build", ""))).toEqual([
    "GF_DATAPROXY_SEND_USER_HEADER: the user's name is not sent to data sources",
    "grafana.ini:2: explore.enabled: editors can use Explore; viewers can if users.viewers_can_edit is set",
    "grafana.ini:4: panels.disable_sanitize_html: HTML of text panels is sanitised",
    "grafana.ini:6: date_formats.default_timezone: dates are shown in the time zone that the reader chooses, or in that of the dashboard",
    "grafana.ini:8: users.default_language",
  ]);
  const built =
    "[explore]\nenabled = true\n[date_formats]\ndefault_timezone = browser\n[users]\ndefault_language = en-US\n";
  expect(load({ ini: built }).warnings).toEqual([]);
});

test("loadSettings() reads the shortest refresh interval with its unit", () => {
  const least = (value: string) =>
    load({ env: { GF_DASHBOARDS_MIN_REFRESH_INTERVAL: value } }).values["dashboards.min_refresh_interval"];
  expect([least("1m"), load().values["dashboards.min_refresh_interval"]]).toEqual([60_000, 5000]);
  expect(load({ ini: "[dashboards]\nmin_refresh_interval =\n" }).values["dashboards.min_refresh_interval"]).toBe(0);
  expect(() => least("10")).toThrow('"10" is not an interval such as 5s or 1m');
});

test("loadSettings() never shows the value of an argument in an error", () => {
  expect(load({ overrides: ["auth.ldap.bind_password=s3cret"] }).warnings).toEqual([
    "cfg:auth.ldap.bind_password: auth.ldap.bind_password has no effect in this build",
  ]);
  expect(() => load({ overrides: ["server.http_port=s3cret"] })).toThrow(/^cfg:server\.http_port: server\.http_port: /);
});

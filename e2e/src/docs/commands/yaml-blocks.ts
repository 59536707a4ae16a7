import { parseAllDocuments } from "yaml";

/**
 * A kind of YAML block in the documentation, recognised by its keys. Says how to complete the block to a file, and
 * which command checks the file.
 */
interface YamlKind {
  readonly name: string;
  readonly has: (value: Keys) => boolean;
  readonly whole: (text: string) => string;
  readonly check: (file: string) => string;
}

type Keys = Readonly<Record<string, unknown>>;

const indented = (text: string, by = 2): string => text.replace(/^(?=.)/gm, " ".repeat(by));

const hasAny =
  (...keys: readonly string[]) =>
  (value: Keys): boolean =>
    keys.some((key) => key in value);

const same = (text: string): string => text;
const checkConfig = (file: string): string => `bin/narthex promtool check config ${file}`;
const checkRules = (file: string): string => `bin/narthex promtool check rules ${file}`;
const checkAlertmanager = (file: string): string => `bin/narthex amtool check-config ${file}`;

/** Adds a route to an Alertmanager configuration that contains only receivers. */
const withRoute = (text: string): string =>
  /^route:/m.test(text) ? text : `${text}\nroute: { receiver: "${/- name: (\S+)/.exec(text)?.[1] ?? "mail"}" }\n`;

const withReceiver = (text: string): string =>
  /^receivers:/m.test(text) ? text : `${text}\nreceivers: [{ name: mail }]\n`;

/** Kinds of YAML blocks in the documentation. The first kind that matches a block is used. */
const KINDS: readonly YamlKind[] = [
  {
    name: "behaviours of alerts",
    has: hasAny("behaviours"),
    whole: same,
    check: (file) => `bin/narthex promtool check rules --behaviour-files=${file} rules.yml`,
  },
  {
    name: "unit tests of rules",
    has: (value) => "tests" in value && "rule_files" in value,
    whole: same,
    check: (file) => `bin/narthex promtool test rules --behaviour-files=behaviours.yml ${file}`,
  },
  { name: "rules", has: hasAny("groups"), whole: same, check: checkRules },
  {
    name: "an alert",
    has: hasAny("alert", "record"),
    whole: (text) => `groups:\n  - name: page\n    rules:\n${indented(text, 6)}\n`,
    check: checkRules,
  },
  {
    name: "a job",
    has: hasAny("job_name"),
    whole: (text) => `scrape_configs:\n${indented(text)}\n`,
    check: checkConfig,
  },
  {
    name: "tests of routes",
    has: hasAny("tests"),
    whole: same,
    check: (file) => `bin/narthex amtool config routes unit-test ${file}`,
  },
  {
    name: "alertmanager.yml",
    has: (value) =>
      hasAny("route", "receivers", "kubernetes_alertmanager_configs")(value) ||
      hasAny("smtp_from")((value["global"] ?? {}) as Keys),
    whole: (text) => withReceiver(withRoute(text)),
    check: checkAlertmanager,
  },
  {
    name: "prometheus.yml",
    has: hasAny(
      ..."global scrape_configs remote_write remote_read otlp downsampling long_term_store alerting rule_files kubernetes_monitor_configs".split(
        " ",
      ),
    ),
    whole: same,
    check: checkConfig,
  },
  {
    name: "cluster TLS",
    has: hasAny("tls_client_config"),
    whole: same,
    check: (file) => `bin/narthex alertmanager --config.file=alertmanager.yml --cluster.tls-config=${file}`,
  },
  {
    name: "contexts of notifications",
    has: (value) => "server" in value && "dashboards" in value,
    whole: same,
    check: (file) => `bin/narthex alertmanager --config.file=alertmanager.yml --notification.context-file=${file}`,
  },
  {
    name: "policy of rules",
    has: hasAny("require", "checks"),
    whole: same,
    check: (file) => `bin/narthex promtool check rules --lint.policy=${file} deploy/config/rules/host.yml`,
  },
  {
    name: "web configuration",
    has: hasAny("tls_server_config", "basic_auth_users"),
    whole: same,
    check: (file) => `bin/narthex promtool check web-config ${file}`,
  },
  {
    name: "service level objectives",
    has: hasAny("slos"),
    whole: same,
    check: (file) => `bin/narthex promtool slo check ${file}`,
  },
  {
    name: "users of jobs",
    has: hasAny("job_users"),
    whole: same,
    check: (file) => `bin/narthex pushgateway --push.users-file=${file}`,
  },
];

export interface YamlCheck {
  readonly text: string;
  readonly check: (file: string) => string;
}

/** Returns the checks of a YAML block, one for each YAML document in it. Throws an error for an unknown kind. */
export function yamlChecks(text: string): YamlCheck[] {
  const documents = text.split(/^---$/m);
  return documents.map((document) => {
    const value: unknown = parseAllDocuments(document)[0]?.toJS();
    const keys = (Array.isArray(value) ? value[0] : value) as Keys;
    const kind = KINDS.find(({ has }) => has(keys));
    if (kind === undefined)
      throw new Error("no kind of configuration has these keys: a row in yaml-blocks.ts or exceptions.ts");
    return { text: kind.whole(document), check: kind.check };
  });
}

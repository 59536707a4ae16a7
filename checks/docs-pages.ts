import { amtool } from "../apps/narthex/src/amtool/registry.ts";
import type { CommandGroup, CommandNode } from "../apps/narthex/src/command-line/command.ts";
import { dashboardCommands } from "../apps/narthex/src/dashboards/registry.ts";
import { isGroup } from "../apps/narthex/src/command-line/command.ts";
import { promtoolCommands } from "../apps/narthex/src/promtool/registry.ts";
import { flags as doctorFlags } from "../apps/narthex/src/doctor/flags.ts";
import { flags as initFlags } from "../apps/narthex/src/init/flags.ts";
import { flags as migrateFlags } from "../apps/narthex/src/migrate/flags.ts";
import { pluginCommands } from "../apps/narthex/src/plugin/registry.ts";
import { serviceCommands } from "../apps/narthex/src/service/registry.ts";
import { flags as upFlags } from "../apps/narthex/src/up/flags.ts";
import { flags as alertmanagerFlags } from "../apps/alertmanager/src/flags.ts";
import { flags as dashboardsFlags } from "../apps/dashboards/src/flags.ts";
import { ENVIRONMENT, PROVISIONED_ENVIRONMENT } from "../apps/dashboards/src/settings/environment-table.ts";
import { SETTINGS, variableOf } from "../apps/dashboards/src/settings/setting-table.ts";
import { cadvisorFlags } from "../apps/node-exporter/src/cadvisor/flags.ts";
import { flags as nodeExporterFlags } from "../apps/node-exporter/src/flags.ts";
import { flags as pushgatewayFlags } from "../apps/pushgateway/src/flags.ts";
import { flags as serverFlags } from "../apps/server/src/flags.ts";
import { LINUX_COLLECTORS } from "../packages/collectors/src/index.ts";
import { discoverers } from "../packages/discovery/src/index.ts";
import { argumentCount, FUNCTION_SIGNATURES, type FunctionSignature } from "../packages/promql/src/index.ts";
import { RECEIVER_KINDS } from "../packages/receivers/src/index.ts";
import { RULE_CHECKS } from "../packages/rule-lint/src/index.ts";
import type { FlagTable } from "../packages/runtime/src/index.ts";
import { benchmarksPage, limitsPage } from "./benchmarks-page.ts";
import { licencesPage } from "./licences.ts";
import { doorTables } from "./doors/doors-page.ts";
import { code, markdownTable } from "./markdown-table.ts";

const NOTE = "<!-- Written by `pnpm docs:write` from the sources; edit those. -->\n";

/** Returns the generated pages of docs/: path below docs/ to text. */
export const generatedPages = (): ReadonlyMap<string, string> =>
  new Map([
    ["benchmarks.md", page("Benchmarks", ...benchmarksPage())],
    ["limits.md", page("How far from the limits of the machine", ...limitsPage())],
    ["licences.md", page("Licences of included software", ...licencesPage())],
    ["flags/server.md", flagPage("narthex server", serverFlags, "Prometheus 3.14")],
    ["flags/alertmanager.md", flagPage("narthex alertmanager", alertmanagerFlags, "Alertmanager 0.34")],
    ["flags/pushgateway.md", flagPage("narthex pushgateway", pushgatewayFlags, "Pushgateway 1.11")],
    ["flags/node-exporter.md", flagPage("narthex node-exporter", nodeExporterFlags, "node_exporter 1.12")],
    ["flags/cadvisor.md", flagPage("narthex cadvisor", cadvisorFlags, "cAdvisor")],
    ["flags/dashboards.md", flagPage("narthex dashboards", dashboardsFlags, "Grafana's server")],
    ["flags/up.md", flagPage("narthex up", upFlags)],
    ["flags/init.md", flagPage("narthex init", initFlags)],
    ["flags/doctor.md", flagPage("narthex doctor", doctorFlags)],
    ["flags/migrate.md", flagPage("narthex migrate", migrateFlags)],
    ["reference/promql-functions.md", functionPage()],
    ["reference/collectors.md", collectorPage()],
    ["reference/receivers.md", receiverPage()],
    ["reference/discovery.md", discoveryPage()],
    ["reference/doors.md", doorsPage()],
    ["reference/dashboards-settings.md", settingsPage()],
    ["reference/rule-checks.md", ruleCheckPage()],
    ["reference/promtool.md", commandPage(promtoolCommands)],
    ["reference/amtool.md", commandPage(amtool)],
    ["reference/dashboard-commands.md", commandPage(dashboardCommands)],
    ["reference/service.md", commandPage(serviceCommands)],
    ["reference/plugin-commands.md", commandPage(pluginCommands)],
  ]);

const page = (title: string, ...parts: readonly string[]): string => `${NOTE}\n# ${title}\n\n${parts.join("\n")}`;

const ruleCheckPage = (): string =>
  page(
    "Checks of rules",
    "`promtool check rules --lint=narthex` and the button **Check rules** of the page Rule health run these checks. See [Check rules](../rule-checks.md).\n",
    markdownTable(
      ["check", "severity", "finds"],
      RULE_CHECKS.map(({ name, severity, help }) => [code(name), severity, help]),
    ),
  );

function flagPage(command: string, table: FlagTable, peer?: string): string {
  const built = Object.entries(table).filter(([, flag]) => flag.notBuilt === undefined);
  const missing = Object.entries(table).filter(([, flag]) => flag.notBuilt !== undefined);
  const intro =
    peer === undefined
      ? "Write `--flag=value` or `--flag value`.\n"
      : `The flags of ${peer}. Write \`--flag=value\` or \`--flag value\`; \`--no-flag\` turns off a flag that takes no value.\n`;
  const parts = [intro, flagRows(Object.fromEntries(built))];
  if (missing.length > 0) {
    const rows = missing.map(([name, flag]) => [code(`--${name}`), sentence(flag.notBuilt!)]);
    parts.push(
      "## Accepted, without effect\n",
      "These flags are accepted. If you set one, a warning line at the start names it.\n",
      markdownTable(["flag", "why"], rows),
    );
  }
  return page(`Flags of ${command}`, ...parts);
}

const flagRows = (table: FlagTable): string =>
  markdownTable(
    ["flag", "default", "meaning"],
    Object.entries(table).map(([name, flag]) => [
      code(`--${name}`) + (flag.short === undefined ? "" : `, ${code(`-${flag.short}`)}`),
      code(flag.print(flag.default)),
      plain(flag.help),
    ]),
  );

/** Escapes angle brackets, which are not HTML here, and stars, which are not emphasis here. */
const plain = (text: string): string =>
  text.replace(/(?<!`)<([^<>`]+)>(?!`)/g, "`<$1>`").replace(/(?<!`)\*(?!`)/g, "\\*");

const sentence = (text: string): string => plain(`${text.charAt(0).toUpperCase()}${text.slice(1)}.`);

function functionPage(): string {
  const rows = [...FUNCTION_SIGNATURES.values()]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((one) => [code(signatureText(one)), one.returnType, one.experimental ? "yes" : ""]);
  return page(
    "PromQL functions",
    "Arguments in square brackets are optional; three dots mean that the last one can be repeated.\nExperimental functions need `--enable-feature=promql-experimental-functions`.\n",
    markdownTable(["function", "gives", "experimental"], rows),
  );
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  vector: "vector",
  matrix: "range",
  scalar: "scalar",
  string: "string",
};

function signatureText(signature: FunctionSignature): string {
  const { min, max } = argumentCount(signature);
  const words = signature.argTypes.map((type, i) => {
    const word = TYPE_WORDS[type] ?? type;
    const repeats = i === signature.argTypes.length - 1 && max > signature.argTypes.length ? "..." : "";
    return i >= min ? `[${word}${repeats}]` : `${word}${repeats}`;
  });
  return `${signature.name}(${words.join(", ")})`;
}

function collectorPage(): string {
  const rows = LINUX_COLLECTORS.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(({ name, enabled, metrics }) => [
    code(name),
    enabled ? "on" : "off",
    Object.values(metrics)
      .map((metric) => code(metric.name))
      .join(" "),
  ]);
  return page(
    "Collectors of the node exporter",
    "Turn a collector on with `--collector.<name>`, off with `--no-collector.<name>`. `--collector.disable-defaults` turns off all\nothers. Some collectors read further metrics, whose names come from the kernel.\n",
    markdownTable(["collector", "by default", "metrics"], rows),
  );
}

function receiverPage(): string {
  return page(
    "Receivers of the Alertmanager",
    "A receiver in `alertmanager.yml` can have any number of integrations of each kind. The fields are Alertmanager's.\n",
    markdownTable(
      ["key", "name in metrics"],
      RECEIVER_KINDS.map(({ key, kind }) => [code(key), code(kind)]),
    ),
  );
}

function discoveryPage(): string {
  const built = ["static_configs", ...discoverers.map(({ key }) => key)];
  return page(
    "Service discovery",
    "These keys of a scrape config, and of `alertmanagers`, discover targets:\n",
    built.map((key) => `- ${code(key)}\n`).join(""),
  );
}

function doorsPage(): string {
  return page(
    "Limits of what comes from outside",
    "All places at which a role receives bytes from outside, with their limits, and what happens above a limit.\n",
    doorTables(),
  );
}

function settingsPage(): string {
  const rows = Object.entries(SETTINGS).map(([key, setting]) => [
    code(key),
    code(variableOf(key)),
    setting.isSecret ? "" : code(String(setting.default)),
    plain(setting.help),
  ]);
  return page(
    "Settings of the dashboards",
    "The supported keys of `grafana.ini`. Later sources have precedence: defaults, the file, environment variables, arguments\n`cfg:section.key=value`. `<variable>__FILE` names a file with the value. Durations are shown in milliseconds.\nOther keys are accepted; a warning at the start names those that might matter.\n",
    markdownTable(["key", "variable", "default", "meaning"], rows),
    "## Further variables\n",
    variableRows(ENVIRONMENT),
    "## Variables of the provisioning files that come with the stack\n",
    "`narthex up` and `docker-compose.yml` set these variables. Without them, set the URLs of the data sources in your own files, or\non the page of data sources. Files can use any variable in the same way: `${NAME}`.\n",
    variableRows(PROVISIONED_ENVIRONMENT),
  );
}

const variableRows = (table: Readonly<Record<string, string>>): string =>
  markdownTable(
    ["variable", "meaning"],
    Object.entries(table).map(([name, help]) => [code(name), plain(help)]),
  );

/** Returns a Markdown page with a section for each command and its flags. */
function commandPage<Context>(root: CommandGroup<Context>): string {
  const shared = root.flags ?? {};
  const rows = Object.keys(shared).length === 0 ? [] : ["## Flags of every command\n", flagRows(shared)];
  const title = root.name.startsWith("narthex ") ? root.name : `narthex ${root.name}`;
  return page(title, `${plain(root.help)}\n`, ...rows, ...commandSections(root, "", {}));
}

function commandSections<Context>(group: CommandGroup<Context>, before: string, inherited: FlagTable): string[] {
  return group.commands.flatMap((node: CommandNode<Context>): string[] => {
    const words = `${before}${node.name}`;
    const table = { ...inherited, ...node.flags };
    if (isGroup(node)) return commandSections(node, `${words} `, table);
    const usage = [words, node.operands].filter((part) => part !== "").join(" ");
    const isDefault = group.default === node.name ? ` The word \`${node.name}\` may be left out.` : "";
    const shown = Object.fromEntries(Object.entries(table).filter(([, flag]) => flag.hidden !== true));
    const rows = Object.keys(shown).length === 0 ? [] : [flagRows(shown)];
    return [`## ${words}\n`, `\`${usage}\`\n`, `${plain(node.help)}${isDefault}\n`, ...rows];
  });
}

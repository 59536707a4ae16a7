import { isLegacyLabelName, quote } from "@narthex/model";
import { flag, labels, required, text, type ToolArguments } from "./arguments.ts";
import { dataOf, type Tool, type ToolContext } from "./tool.ts";

const filter = text('A matcher of labels, such as alertname="Down".', 500);

function filtered(args: ToolArguments, more: Readonly<Record<string, string>> = {}): URLSearchParams {
  const parameters = new URLSearchParams(more);
  const matcher = args.text("filter");
  if (matcher !== undefined) parameters.set("filter", matcher);
  return parameters;
}

const silences: Tool = {
  name: "silences",
  about: "Lists the silences of the Alertmanager.",
  parameters: { filter },
  run: (args, { alertmanager }) => alertmanager("silences", filtered(args)),
};

const notifiedAlerts: Tool = {
  name: "alertmanager_alerts",
  about:
    "Lists the alerts that the Alertmanager has, with their receivers, and the silences and alerts that hold them back.",
  parameters: { filter, only_active: flag("Whether silenced and inhibited alerts are left out.") },
  run: (args, { alertmanager }) =>
    alertmanager("alerts", filtered(args, args.isOn("only_active") ? { silenced: "false", inhibited: "false" } : {})),
};

interface ServerAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string;
  readonly activeAt: string;
}

interface KnownAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly receivers: readonly { readonly name: string }[];
  readonly status: {
    readonly state: string;
    readonly silencedBy: readonly string[];
    readonly inhibitedBy: readonly string[];
  };
}

/** Maximum number of alerts that one answer explains. */
const MAX_EXPLAINED = 20;

const whyNotified: Tool = {
  name: "why_notified",
  about:
    "Explains why there was or was no notification for alerts with the given labels: the state of the rule, silences, inhibition and receivers.",
  parameters: {
    labels: required(
      labels(
        'Labels that the alerts have, such as {"alertname": "Down"}. Needs the name of the rule if many alerts are active.',
      ),
    ),
  },
  async run(args, context) {
    const wanted = args.labels("labels");
    const hasAll = ({ labels: own }: { readonly labels: Readonly<Record<string, string>> }): boolean =>
      wanted.every(([name, value]) => Object.hasOwn(own, name) && own[name] === value);
    const own = (await serverAlerts(context, wanted)).filter(hasAll);
    const known = await knownAlerts(context, wanted);
    const matching = typeof known === "string" ? [] : known.filter(hasAll);
    return {
      rules: own.slice(0, MAX_EXPLAINED),
      alertmanager: typeof known === "string" ? known : matching.slice(0, MAX_EXPLAINED),
      findings: typeof known === "string" ? [...ruleFindings(own), known] : findingsOf(own, matching),
    };
  },
};

/** Reads the active alerts of the server. If the rule's name is known, reads only the alerts of rules with this name. */
async function serverAlerts(
  { api }: ToolContext,
  wanted: readonly (readonly [string, string])[],
): Promise<readonly ServerAlert[]> {
  const name = wanted.find(([label]) => label === "alertname")?.[1];
  if (name === undefined) {
    const { alerts } = dataOf(await api("/alerts", new URLSearchParams())) as { alerts: readonly ServerAlert[] };
    return alerts;
  }
  const { groups } = dataOf(await api("/rules", new URLSearchParams({ type: "alert", "rule_name[]": name }))) as {
    groups: readonly { readonly rules: readonly { readonly alerts: readonly ServerAlert[] }[] }[];
  };
  return groups.flatMap(({ rules }) => rules.flatMap(({ alerts }) => alerts));
}

async function knownAlerts(
  { alertmanager }: ToolContext,
  wanted: readonly (readonly [string, string])[],
): Promise<readonly KnownAlert[] | string> {
  const parameters = new URLSearchParams();
  for (const [name, value] of wanted)
    parameters.append("filter", `${isLegacyLabelName(name) ? name : quote(name)}=${quote(value)}`);
  try {
    return (await alertmanager("alerts", parameters)) as readonly KnownAlert[];
  } catch (error) {
    return `The Alertmanager cannot be asked: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function ruleFindings(own: readonly ServerAlert[]): readonly string[] {
  const firing = own.filter(({ state }) => state === "firing").length;
  const pending = own.filter(({ state }) => state === "pending").length;
  if (firing + pending === 0)
    return ["No rule of this server has an active alert with these labels: its expression returns no such series now."];
  return [
    ...(pending > 0
      ? [`${pending} alerts are pending: they fire, and are sent, when the rule's \`for\` is over.`]
      : []),
    ...(firing > 0 ? [`${firing} alerts fire, and are sent to the Alertmanagers.`] : []),
  ];
}

function findingsOf(own: readonly ServerAlert[], known: readonly KnownAlert[]): readonly string[] {
  const findings = [...ruleFindings(own)];
  const isFiring = own.some(({ state }) => state === "firing");
  if (known.length === 0 && isFiring)
    findings.push("The Alertmanager has no such alert: alert relabeling, or a failed delivery, can be the cause.");
  for (const { labels: own_, receivers, status } of known.slice(0, MAX_EXPLAINED)) {
    const name = `The alert ${JSON.stringify(own_)}`;
    const to = receivers.map((receiver) => receiver.name).join(", ");
    if (status.silencedBy.length > 0) findings.push(`${name} is silenced by ${status.silencedBy.join(", ")}.`);
    else if (status.inhibitedBy.length > 0) findings.push(`${name} is inhibited by ${status.inhibitedBy.join(", ")}.`);
    else if (status.state === "active") findings.push(`${name} is routed to ${to}. Waiting times of its group apply.`);
    else findings.push(`${name} is not processed yet.`);
  }
  return findings;
}

export const alertmanagerTools: readonly Tool[] = [silences, notifiedAlerts, whyNotified];

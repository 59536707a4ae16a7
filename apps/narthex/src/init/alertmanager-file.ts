import type { Answers, MailAnswer, SlackAnswer } from "./answers.ts";
import { yamlScalar } from "./yaml-scalar.ts";

/** Paths of the secret files that the generated alertmanager.yml refers to. */
export interface SecretFiles {
  readonly password: string | undefined;
  readonly webhook: string | undefined;
}

/** Returns an alertmanager.yml with comments that explain each part. */
export function alertmanagerFile({ mail, slack, portOffset }: Answers, secrets: SecretFiles): string {
  const hasReceiver = mail !== undefined || slack !== undefined;
  return `# Who is told of alerts, and how often. Made by narthex init; it is yours to change.
#
#   check it:      narthex amtool check-config alertmanager.yml
#   take it up:    curl -X POST http://localhost:${9093 + portOffset}/-/reload
#   send a test:   narthex amtool --alertmanager.url=http://localhost:${9093 + portOffset} receiver test on-call
#   all keys:      https://prometheus.io/docs/alerting/latest/configuration/
#
# Secrets do not stand here but in files of their own, which the keys that end in _file name. Whoever the Alertmanager runs as
# must be able to read them, and nobody else should: chmod 600.
${mail === undefined ? "" : `\n${mailServer(mail, secrets.password)}`}
# Every alert begins here. Those with the same alertname and instance are told together: the first time after group_wait,
# which lets others join, then again after group_interval when something has changed, and after repeat_interval when nothing has.
route:
  receiver: on-call
  group_by: [alertname, instance]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 4h
  # Other receivers for some alerts: the first of these whose matchers fit takes it (docs/alerts.md).
  #
  # routes:
  #   - matchers: [severity="critical"]
  #     receiver: pager

receivers:
  - name: on-call
${hasReceiver ? "" : NOBODY}${mail === undefined ? "" : mailReceiver(mail)}${slack === undefined ? "" : slackReceiver(slack, secrets.webhook!)}
# While something critical fires, warnings of the same name and instance are kept back.
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [alertname, instance]
`;
}

function mailServer({ server, from, login, requireTls }: MailAnswer, passwordFile: string | undefined): string {
  const lines = [
    "# The server that takes mail, for every email_configs below.",
    "global:",
    `  smtp_smarthost: ${yamlScalar(server)}`,
    `  smtp_from: ${yamlScalar(from)}`,
    ...(login === undefined
      ? []
      : [`  smtp_auth_username: ${yamlScalar(login.user)}`, `  smtp_auth_password_file: ${yamlScalar(passwordFile!)}`]),
    ...(requireTls
      ? []
      : [
          "  # The server does not speak TLS: mail, and a password, can be read on the way.",
          "  smtp_require_tls: false",
        ]),
  ];
  return `${lines.join("\n")}\n`;
}

const mailReceiver = ({ to }: MailAnswer): string =>
  `    email_configs:
      - to: ${yamlScalar(to.join(", "))}
        # A mail when it is over, too.
        send_resolved: true
`;

function slackReceiver({ channel }: SlackAnswer, webhookFile: string): string {
  const lines = [
    "    slack_configs:",
    "      # The file holds the URL of an incoming webhook.",
    `      - api_url_file: ${yamlScalar(webhookFile)}`,
    ...(channel === "" ? [] : [`        channel: ${yamlScalar(channel)}`]),
    "        send_resolved: true",
  ];
  return `${lines.join("\n")}\n`;
}

const NOBODY = `    # Nobody is told yet: alerts are grouped, and shown on the Alertmanager's page. To be told, take the marks off one of these;
    # docs/alerts.md has all kinds.
    #
    # slack_configs:
    #   - api_url_file: /etc/alertmanager/slack-webhook
    #     channel: "#alerts"
    #     send_resolved: true
    # webhook_configs:
    #   - url: http://localhost:5001/alerts
`;

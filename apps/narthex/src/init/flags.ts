import { flagKinds } from "@narthex/runtime";

export const flags = {
  job: flagKinds.list(
    [],
    "A job to scrape: NAME=HOST:PORT[,HOST:PORT...][/path], with https:// before the first host if the targets use TLS. Repeatable.",
  ),
  host: flagKinds.flag(true, "Monitor this host, with alerting rules; --no-host leaves it out."),
  "email-to": flagKinds.text("", "Addresses that get mail about alerts, separated by commas."),
  smtp: flagKinds.text("", "The mail server, as host:port."),
  "smtp-from": flagKinds.text("", "Sender address of mail. Default: the first of --email-to."),
  "smtp-user": flagKinds.text("", "User for the login at the mail server. Default: no login."),
  "smtp-password-file": flagKinds.text("", "File with the password of --smtp-user."),
  "smtp-tls": flagKinds.flag(true, "Send mail over TLS only; --no-smtp-tls for a server without TLS."),
  "slack-webhook-file": flagKinds.text("", "File with the URL of an incoming webhook of Slack."),
  "slack-channel": flagKinds.text("", "Slack channel for notifications. Default: the webhook's own."),
  "port-offset": flagKinds.integer(0, "The --port-offset of narthex up."),
  force: flagKinds.flag(false, "Overwrite existing files; the old ones are kept next to them as .bak."),
  yes: flagKinds.flag(false, "Ask no questions: settings without a flag keep their defaults."),
};

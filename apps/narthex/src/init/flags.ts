import { flagKinds } from "@narthex/runtime";

/** Flags of `narthex init`. */
export const flags = {
  job: flagKinds.list(
    [],
    "A job to scrape: NAME=HOST:PORT[,HOST:PORT...][/path], with https:// before the first host where the targets speak TLS. Repeatable.",
  ),
  host: flagKinds.flag(true, "Watch this host, with rules about it; --no-host leaves it out."),
  "email-to": flagKinds.text("", "Addresses that get mail about alerts, with commas between them."),
  smtp: flagKinds.text("", "The mail server, as host:port."),
  "smtp-from": flagKinds.text("", "Address that mail comes from. Default: the first of --email-to."),
  "smtp-user": flagKinds.text("", "User to sign in with at the mail server. Default: nobody signs in."),
  "smtp-password-file": flagKinds.text("", "File with the password of --smtp-user."),
  "smtp-tls": flagKinds.flag(true, "Send mail over TLS only; --no-smtp-tls for a server that does not speak it."),
  "slack-webhook-file": flagKinds.text("", "File with the URL of an incoming webhook of Slack."),
  "slack-channel": flagKinds.text("", "Channel of Slack that is told. Default: the webhook's own."),
  "port-offset": flagKinds.integer(0, "The --port-offset that narthex up will be given."),
  force: flagKinds.flag(false, "Write files that are there already; what was there is kept beside them as .bak."),
  yes: flagKinds.flag(false, "Ask nothing, on a terminal either: what no flag says is left at its default."),
};

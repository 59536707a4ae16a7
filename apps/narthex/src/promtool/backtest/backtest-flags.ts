import { formatGoDuration, parseGoDuration } from "@narthex/model";
import { type FlagValues, flagKinds } from "@narthex/runtime";
import { behaviourFlag } from "../behaviour-flag.ts";
import { pairsFlag } from "../pairs-flag.ts";

export const backtestFlags = {
  from: flagKinds.text(
    "",
    "Start of the range: a time in RFC 3339 or as Unix timestamp, or a duration before the end such as 7d. Required.",
  ),
  to: flagKinds.text("", "End of the range: a time in RFC 3339 or as Unix timestamp. Default: now."),
  tsdb: flagKinds.text("", "Data folder with the stored samples. Default: the samples are read from --url."),
  url: flagKinds.text(
    "http://localhost:9090",
    "The URL of the server from which stored samples are read with remote read.",
  ),
  "http.config.file": flagKinds.text("", "HTTP client configuration file for promtool to connect to the server."),
  against: flagKinds.list(
    [],
    "Rule file of the earlier version. Firings and notifications that were added or lost are listed, and then the exit status is 3. May be repeated.",
  ),
  ...behaviourFlag,
  "against.behaviour-files": flagKinds.list(
    [],
    "File with behaviours of the alerts of --against. May be repeated. Default: none.",
  ),
  "config.file": flagKinds.text(
    "",
    "Configuration file of the server, for its evaluation interval, query offset, external labels and alert_relabel_configs.",
  ),
  "eval-interval": flagKinds.parsed(
    60_000,
    parseGoDuration,
    formatGoDuration,
    "Evaluation interval of groups without an interval. Without effect if --config.file is set.",
  ),
  "query.lookback-delta": flagKinds.parsed(
    300_000,
    parseGoDuration,
    formatGoDuration,
    "How far back a selector looks for a sample.",
  ),
  "external.label": pairsFlag({}, "External label of the server. Replaces a label of --config.file. May be repeated."),
  "external.url": flagKinds.text("", "External URL of the server, for templates."),
  "rules.alert.resend-delay": flagKinds.parsed(
    60_000,
    parseGoDuration,
    formatGoDuration,
    "How long the server waits before it sends an alert to Alertmanager again.",
  ),
  "alertmanager.config": flagKinds.text(
    "",
    "Configuration file of an Alertmanager. The notifications that it would have sent are listed.",
  ),
  silences: flagKinds.text(
    "",
    "File with the silences of the Alertmanager, as `amtool silence query --expired -o json` prints them.",
  ),
  format: flagKinds.choice("text", ["text", "json"], "Format of the report (text or json)."),
  junit: flagKinds.text("", "File path to store a JUnit XML report with a case for each rule."),
} as const;

export type BacktestFlags = FlagValues<typeof backtestFlags>;

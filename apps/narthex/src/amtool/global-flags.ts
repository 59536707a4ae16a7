import { formatGoDuration, parseGoDuration } from "@narthex/model";
import { flagKinds } from "@narthex/runtime";

/** Flags of every amtool command. */
export const globalFlags = {
  "date.format": flagKinds.text("2006-01-02 15:04:05 MST", "Format of date output, as a Go layout."),
  verbose: flagKinds.flag(false, "Verbose running information.", { short: "v" }),
  "alertmanager.url": flagKinds.text("", "Alertmanager to talk to."),
  output: flagKinds.choice("simple", ["simple", "extended", "json"], "Output formatter (simple, extended, json).", {
    short: "o",
  }),
  timeout: flagKinds.parsed(30_000, parseGoDuration, formatGoDuration, "Timeout for the executed command."),
  "http.config.file": flagKinds.text("", "HTTP client configuration file for amtool to connect to Alertmanager."),
  "version-check": flagKinds.flag(true, "Check the Alertmanager's version."),
  "enable-feature": flagKinds.text(
    "",
    "Experimental features to enable, comma separated. classic-mode and utf8-strict-mode choose how matchers are parsed.",
  ),
};

import { flagKinds } from "@narthex/runtime";
import { formatDuration, parseDuration } from "@narthex/model";
import { flags as upFlags } from "../up/flags.ts";

/** Flags that `narthex doctor` accepts with and without the name of a server. */
export const commonFlags = {
  json: flagKinds.flag(false, "Print findings as JSON, for scripts."),
  check: flagKinds.list([], "Run only the check with this name. Repeatable. Default: all."),
  "mail-login": flagKinds.flag(
    true,
    "Log in to mail servers, once with each account; --no-mail-login only connects to them, and contacts no token server for mail.",
  ),
  timeout: flagKinds.parsed(
    5000,
    parseDuration,
    formatDuration,
    "Maximum time to wait for an answer of another service.",
  ),
};

/**
 * Flags of `narthex doctor` without the name of a server: the common flags, and the flags of `narthex up` that
 * determine what `up` starts.
 */
export const flags = {
  "config-dir": upFlags["config-dir"],
  "data-dir": upFlags["data-dir"],
  listen: upFlags.listen,
  "port-offset": upFlags["port-offset"],
  ...commonFlags,
};

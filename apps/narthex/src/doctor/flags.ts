import { flagKinds } from "@narthex/runtime";
import { formatDuration, parseDuration } from "@narthex/model";
import { flags as upFlags } from "../up/flags.ts";

/** Flags of `narthex doctor` that apply both to the stack and to one role. */
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
 * All flags of `narthex doctor` without a role: its own flags, and the flags of `up` that determine what `up` starts.
 */
export const flags = {
  "config-dir": upFlags["config-dir"],
  "data-dir": upFlags["data-dir"],
  listen: upFlags.listen,
  "port-offset": upFlags["port-offset"],
  ...commonFlags,
};

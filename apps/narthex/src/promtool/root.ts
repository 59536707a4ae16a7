import { flagKinds } from "@narthex/runtime";
import type { CommandGroup } from "../command-line/command.ts";
import type { PromtoolContext } from "./command.ts";

/** Returns promtool's root command, which has the given commands as its sub-commands. */
export const promtoolRoot = (commands: CommandGroup<PromtoolContext>["commands"]): CommandGroup<PromtoolContext> => ({
  name: "promtool",
  help: "Tooling for the Prometheus monitoring system.",
  flags: {
    experimental: flagKinds.flag(false, "Enable experimental commands."),
    "enable-feature": flagKinds.list([], "Comma separated feature names to enable."),
  },
  commands,
});

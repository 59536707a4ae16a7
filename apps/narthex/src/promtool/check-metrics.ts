import { flagKinds } from "@narthex/runtime";
import { cardinalityTable } from "./metric-cardinality.ts";
import { promtoolCommand } from "./command.ts";
import { EXIT_FAILURE, EXIT_LINT, EXIT_OK } from "./lint-settings.ts";
import { lintFamilies } from "./metric-lint.ts";

export const extendedFlag = {
  extended: flagKinds.flag(false, "Print extended information related to the cardinality of the metrics."),
};

export const checkMetrics = promtoolCommand({
  name: "metrics",
  help: "Pass Prometheus metrics over stdin to lint them for consistency and correctness.",
  flags: {
    ...extendedFlag,
    lint: flagKinds.choice("all", ["all", "none"], "Linting checks to apply. Use --lint=none to disable linting"),
  },
  operands: [],
  async run({ host, flags, stdin }) {
    if (flags.lint === "none" && !flags.extended) {
      host.stderr(
        "error: at least one of --extended or linting must be enabled\nUse --extended, or leave --lint=none out\n",
      );
      return EXIT_FAILURE;
    }
    const { parseFamilies } = await import("@narthex/exposition");
    const parsed = parseFamilies(await stdin());
    if (!parsed.ok) {
      host.stderr(`error while linting: ${parsed.message}\n`);
      return EXIT_FAILURE;
    }
    const problems = flags.lint === "all" ? lintFamilies(parsed.families) : [];
    for (const { metric, text } of problems) host.stderr(`${metric} ${text}\n`);
    if (flags.extended) host.stdout(cardinalityTable(parsed.families));
    return problems.length > 0 ? EXIT_LINT : EXIT_OK;
  },
});

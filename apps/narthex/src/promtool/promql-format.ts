import { parseExpression, prettyPrint } from "@narthex/promql";
import { promtoolCommand } from "./command.ts";
import { EXIT_FAILURE, EXIT_OK } from "./lint-settings.ts";

export const promqlFormat = promtoolCommand({
  name: "format",
  help: "Format PromQL query to pretty printed form.",
  flags: {},
  operands: [{ name: "query", required: true }],
  run({ host, features, operands: [query] }) {
    const parsed = parseExpression(query!, features);
    if (!parsed.ok) {
      host.stderr(`${parsed.errors[0].toString()}\n`);
      return Promise.resolve(EXIT_FAILURE);
    }
    host.stdout(`${prettyPrint(parsed.expr)}\n`);
    return Promise.resolve(EXIT_OK);
  },
});

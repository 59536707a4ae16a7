import { statSync } from "node:fs";
import { flagKinds } from "@narthex/runtime";
import { listBlocks } from "@narthex/tsdb";
import { promtoolCommand } from "../command.ts";
import { EXIT_FAILURE, EXIT_OK } from "../lint-settings.ts";
import { blockTable } from "./block-table.ts";
import { databaseOperand, databasePath, failureText } from "./database.ts";

export const tsdbList = promtoolCommand({
  name: "list",
  help: "List tsdb blocks.",
  flags: { "human-readable": flagKinds.flag(false, "Print human readable values.", { short: "r" }) },
  operands: [databaseOperand],
  async run({ host, flags, operands: [operand] }) {
    const path = databasePath(host, operand);
    try {
      statSync(path.real);
    } catch (cause) {
      host.stderr(`opening the db dir: ${failureText(cause, path) ?? String(cause)}\n`);
      return EXIT_FAILURE;
    }
    const { blocks, problems } = listBlocks(path.real);
    host.stdout(blockTable(blocks, true, flags["human-readable"]));
    for (const problem of problems) host.stderr(`${problem}\n`);
    return problems.length === 0 ? EXIT_OK : EXIT_FAILURE;
  },
});
